"""The versions of every resource."""
