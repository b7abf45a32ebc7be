"""Calendars of deadlines: stated due dates and milestones."""
