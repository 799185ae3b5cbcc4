"""What comes into the shop: pictures of products, checked and kept; goods, counted with what they cost."""
