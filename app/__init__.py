"""The service.  Start at `main.py`."""

VERSION = "0.6.0"
