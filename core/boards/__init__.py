"""What waits at the counter: counted, listed, found."""
