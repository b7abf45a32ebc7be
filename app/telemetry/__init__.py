"""What operators see of the running service: metrics and logs."""
