"""The contract as JSON and YAML, and as pages for people."""
