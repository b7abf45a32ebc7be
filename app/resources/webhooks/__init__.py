"""Who is told of changes, and whether it got there."""
