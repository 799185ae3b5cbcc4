"""Cash with couriers: taken for parcels, handed in, counted."""
