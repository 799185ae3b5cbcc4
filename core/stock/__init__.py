"""Units: what is on hand, what is promised, and the movement that explains every one of them."""
