"""Counts the house, so that it can be compared with what it was: `make house`."""
