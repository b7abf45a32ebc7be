"""Review: a notice's text and its reading side by side, as one HTML file for a person."""
