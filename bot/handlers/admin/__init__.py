"""What an owner or admin does in chat: the shop itself, its goods, its rules. Each handler asks who they are."""
