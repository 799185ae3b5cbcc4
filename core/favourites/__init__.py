"""What somebody marked with a heart, to find it again."""
