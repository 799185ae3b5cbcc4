"""Orders that a rule finds suspicious: flags for staff to look at, never a block."""
