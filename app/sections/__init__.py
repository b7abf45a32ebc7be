"""Sections of plans."""
