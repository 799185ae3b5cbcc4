"""Who brings customers: their codes, and the rate that an order freezes as it is placed."""
