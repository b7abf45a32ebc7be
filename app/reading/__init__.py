"""How things are read."""
