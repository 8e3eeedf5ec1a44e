"""How real platforms differ: each temperament holds one platform's claims, rules, refusals and quirks.

The rest of the practice LMS asks the temperament and never looks at its name.
Behaviour follows Canvas as read in its source and Moodle 4.5 as observed; stricter points are in docs/practice-lms.md.
"""
