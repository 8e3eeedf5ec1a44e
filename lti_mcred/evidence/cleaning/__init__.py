"""WHAT AN ASSESSOR GETS: copies of files without what cameras, programs and offices write into them about people.

One module for each family of formats; each takes a path to read and a path to write, works in time proportional to
the file, and raises CannotClean where it would have to guess. `copies.py` runs them in a process of
their own (`__main__.py`).
"""
