"""What customers do in their own chat."""
