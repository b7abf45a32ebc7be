"""Open questions of a notice: their identity, their proposals, and what a person decides."""
