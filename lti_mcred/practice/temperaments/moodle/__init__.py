"""Moodle: numeric subjects, one-minute tokens, line item URLs with a query, 409 within a second.

Behaviour as observed on Moodle 4.5, with its odd answers kept on purpose.
"""
