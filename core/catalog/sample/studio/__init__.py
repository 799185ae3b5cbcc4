"""A small studio that models, lights and photographs the sample shop's products: pure Python and Pillow."""
