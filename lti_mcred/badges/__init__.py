"""Badges: what is attested. Awards, Open Badges 3.0, keys, status lists, pictures and verification.

A badge is built, signed and checked by our own verification before it is stored; anyone can check it afterwards.
`revoke.py` sets the bit of a badge that is withdrawn; `verifier/` reads it.
"""
