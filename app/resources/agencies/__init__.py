"""The registry of agencies."""
