"""How a plan goes on from an earlier one, and a task or target through the years."""
