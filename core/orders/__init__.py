"""Orders: snapshots of what was promised, and the whole of their life as one table of moves."""
