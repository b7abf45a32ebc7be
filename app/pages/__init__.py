"""HTML for people, outside `/v1` and the contract; see docs/pages.md."""
