"""The dates that agencies set themselves for their tasks."""
