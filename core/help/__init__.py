"""Talks with the shop: what a customer writes reaches the staff, and what they answer comes back, in order, once."""
