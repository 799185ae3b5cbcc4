"""Copies of the shop that can be trusted: written, read back, kept by rules, brought back."""
