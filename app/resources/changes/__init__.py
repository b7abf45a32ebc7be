"""The change feed: what mirrors follow."""
