"""Webhooks: notifying subscribers of changes."""
