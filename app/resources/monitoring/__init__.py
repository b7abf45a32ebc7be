"""How a plan stands at a day: what the regular monitoring that notices ask for needs."""
