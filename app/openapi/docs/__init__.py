"""The contract as files, and pages that show it to people."""
