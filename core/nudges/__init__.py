"""What staff are reminded of, each once: orders that stand too long, and what is running low."""
