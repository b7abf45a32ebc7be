"""The commands of `python -m seed`, one a file where they are long."""
