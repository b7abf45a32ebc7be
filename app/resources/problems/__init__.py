"""Pages that explain the problem types."""
