"""Tasks, with their assignments and targets."""
