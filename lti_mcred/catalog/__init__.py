"""WHAT CAN BE EARNED: definitions, published versions, activities placed in courses.

`definition.py` is the typed format; a published version never changes.
"""
