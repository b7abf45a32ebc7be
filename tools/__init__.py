"""What others run by itself, without the service."""
