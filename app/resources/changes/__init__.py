"""The change feed, for mirrors and feed readers."""
