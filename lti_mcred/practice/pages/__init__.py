"""The pages and control addresses that both campuses share.

A page shows what a temperament decided; it knows no platform by name.
"""
