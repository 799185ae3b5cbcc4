"""Opening day: codes that make a group the shop's or a person its owner, and what is set and what is missing."""
