"""The public checkpoints of the audit log."""
