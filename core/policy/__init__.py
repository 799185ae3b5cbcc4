"""The rules of the shop, changed by those who run it: seen, compared, checked, audited, in force at once."""
