"""The entry: what there is, and where."""
