"""HOW IT IS JUDGED: rubric rule, queue, assessments, decisions, the passback ledger.

`rubric.py` holds the rule; what the LMS was told lies in the ledger, word for word.
`passback.py` sends it, and leaves a grade alone that a teacher typed.
"""
