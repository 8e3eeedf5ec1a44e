"""WHO LOOKS AFTER THE CONNECTION: the pages of the operator and of an LMS's own administrator.

Both see the same pages; one frozen value (reach.py) says who administers what.
"""
