"""What comes from elsewhere: read as it is, shown as a difference first, taken in once."""
