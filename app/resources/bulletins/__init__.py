"""Official bulletins."""
