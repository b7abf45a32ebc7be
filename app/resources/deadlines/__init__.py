"""By when: stated due dates and milestones, for calendars."""
