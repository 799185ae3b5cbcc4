"""One of the shop's own days in figures: told at closing time, once, and shown when asked for."""
