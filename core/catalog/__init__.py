"""The catalogue: what is on sale, its rules and its place in the database."""
