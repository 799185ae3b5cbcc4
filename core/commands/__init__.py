"""What people type after ``python run.py``: thin doors over the services, with words for a terminal."""
