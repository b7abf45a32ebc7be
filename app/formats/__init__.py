"""One thing in another format."""
