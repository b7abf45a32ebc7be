"""HTTP for all operations: parameters, bodies, negotiation, validators, problem documents."""
