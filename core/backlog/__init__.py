"""A group with more news than Telegram lets through: what goes first, and what is told in few words."""
