"""WHAT THE LEARNER SHOWS: enrolments, attempts, artefacts, uploads, storage, privacy gate.

An attempt is a draft until it is submitted; then it is frozen. `taking.py` decides whether a part takes a file.
"""
