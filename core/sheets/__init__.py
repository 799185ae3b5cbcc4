"""The shop's own goods and promo codes as a file that people edit: out, and in again after a look at the difference."""
