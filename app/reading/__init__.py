"""Reading: lists, single resources, facets, exports and search."""
