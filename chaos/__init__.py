"""`make chaos`: the service under faults that a test of minutes has no time or rights for."""
