"""How the tables came to be: see `versions`."""
