"""The service.  Start at `main.py`."""
