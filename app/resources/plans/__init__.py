"""Notices, their text and its corrections."""
