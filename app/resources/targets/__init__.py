"""Targets: quantities, full coverage and dates to which plans commit."""
