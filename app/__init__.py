"""The service.  Start at `main.py`."""

VERSION = "0.5.0"
