"""Loyalty points: a ledger of lots that are earned, spent and expire; and who brought whom."""
