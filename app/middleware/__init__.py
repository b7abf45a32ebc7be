"""What happens to a request around its operation, in plain ASGI."""
