"""How far tasks are, as their agencies say."""
