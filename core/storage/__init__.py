"""What lies on the disk and in the database: sizes, cleanup, backups, alerts."""
