"""Plans: notices, their text and its corrections."""
