"""What HTTP asks of every operation."""
