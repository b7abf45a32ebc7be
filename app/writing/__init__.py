"""How things are written; `write_request.py` is where to begin."""
