"""The OpenAPI document, and the pages that display it."""
