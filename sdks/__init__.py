"""The proof that generators make clients of the contract that compile and work."""
