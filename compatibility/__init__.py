"""Whether the contract still keeps what the released one promised; START HERE: `comparing.py`."""
