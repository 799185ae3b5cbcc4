"""Parcels: what is printed for them, and what their code opens for whom."""
