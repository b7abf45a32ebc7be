"""Any two documents of a kind, or versions of them, side by side."""
