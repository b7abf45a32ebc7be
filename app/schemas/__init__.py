"""JSON shapes that several resources share."""
