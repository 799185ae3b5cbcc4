"""Paying an order: the KHQR payload, the bank behind it, and the rules of one attempt."""
