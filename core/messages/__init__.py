"""Updates received and messages owed: rows, so that a kill at any instant loses neither."""
