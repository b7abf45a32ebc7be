"""What the coordinators make known."""
