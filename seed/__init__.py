"""From a notice as it was received to rows in the database. Start at `__main__.py`."""
