"""From a cart to an order: review what will be charged, then place it once."""
