"""The database: how it is reached, and its tables."""
