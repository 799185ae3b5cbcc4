"""Promo codes: what they take off, who may still use them, and each use explained by an order."""
