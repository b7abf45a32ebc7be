"""The service document: the entry point of the API."""
