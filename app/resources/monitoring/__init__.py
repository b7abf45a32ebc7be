"""The status of a plan at a date, for the regular monitoring that notices require."""
