"""Measurements of targets."""
