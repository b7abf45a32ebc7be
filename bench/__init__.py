"""Measuring: the service beside its peers, and its growth."""
