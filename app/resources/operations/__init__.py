"""Whether the service runs, and whether it can answer."""
