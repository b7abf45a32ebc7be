"""Where targets stand, as their agencies say."""
