"""Finding anything by its words."""
