"""What people change while the shop runs: one row each, validated, audited, in force at once."""
