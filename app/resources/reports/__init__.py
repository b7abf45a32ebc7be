"""Progress reports on tasks."""
