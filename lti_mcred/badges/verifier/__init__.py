"""Verification of any badge, pure: what it is, who signed it, whether it stands."""
