"""Chinese in its two scripts."""
