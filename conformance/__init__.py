"""Does a server keep the contract?  `python -m conformance URL` asks it, and says.

It knows the contract and nothing of any one service: what it looks for, it finds on the server.
"""
