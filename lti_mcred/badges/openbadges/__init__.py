"""Open Badges 3.0 itself, pure: the credential, its proof, status lists, baked pictures."""
