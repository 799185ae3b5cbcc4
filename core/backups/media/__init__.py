"""Backups of pictures and films: every content once, and a list a run that names them all."""
