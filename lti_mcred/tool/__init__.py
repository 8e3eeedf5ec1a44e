"""THE LMS TALKS TO US: platforms, registration, login, launch, deep linking, roster, AGS on the wire.

What differs between LMSs lives in `profiles/`, one module per LMS.
"""
