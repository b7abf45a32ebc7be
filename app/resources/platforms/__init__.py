"""Systems, brands and initiatives that notices mention."""
