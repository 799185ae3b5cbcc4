"""What the shop keeps about a person: shown, given to them as a file, and emptied where they ask for it."""
