"""From an order to a parcel in hands: moves, what the bank's answers change, and what happens when time runs out."""
