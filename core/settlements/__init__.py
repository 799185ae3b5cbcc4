"""Every amount received, owed and paid back for an order, and the cases of it that wait for a person."""
