"""The contract, and its pages."""
