"""Systems, brands and initiatives that notices name."""
