"""What staff add to an order from its card: who does it, what they tell each other, who brings it, what happened."""
