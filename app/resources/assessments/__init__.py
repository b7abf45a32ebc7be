"""Third-party assessments of agencies and regions."""
