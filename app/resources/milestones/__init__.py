"""Milestones that agencies set for their tasks."""
