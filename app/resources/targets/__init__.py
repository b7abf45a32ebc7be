"""What plans commit to."""
