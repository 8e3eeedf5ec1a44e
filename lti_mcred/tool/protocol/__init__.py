"""What an LMS says to us, and whether it may be believed: tokens, claims, roles, checks."""
