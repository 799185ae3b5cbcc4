"""What buyers say of what they got: stars and a line for each delivered line of an order; staff may hide them."""
