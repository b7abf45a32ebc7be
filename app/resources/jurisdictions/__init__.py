"""Governments that have plans or agencies."""
