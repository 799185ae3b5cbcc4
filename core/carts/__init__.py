"""What a person means to buy: the basket, and the cart of one "buy now"."""
