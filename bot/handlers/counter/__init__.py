"""What those who work here do, in their group or in their own chat."""
