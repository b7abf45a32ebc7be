"""The audit log, as far as it is public."""
