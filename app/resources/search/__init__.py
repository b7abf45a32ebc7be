"""Full-text search of all resources."""
