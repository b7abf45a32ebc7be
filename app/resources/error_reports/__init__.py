"""Error reports of readers."""
