"""Processing of every request before and after its operation, in plain ASGI."""
