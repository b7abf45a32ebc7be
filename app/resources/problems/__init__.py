"""What each kind of problem means."""
