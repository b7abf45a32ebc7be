"""What third parties have found of agencies and regions."""
