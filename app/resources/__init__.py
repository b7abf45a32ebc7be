"""What the service offers, a folder each."""
