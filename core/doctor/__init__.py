"""Is all well: each line of the health checklist, and what to do where it is not."""
