"""Intake: a file as a government published it becomes paragraphs and tables with their origins."""
