"""Canvas: UUID subjects, all roles in one claim, AGS that hands in as well as grades, refusals in two shapes.

Rules as read in its source and documentation; the table of score effects is tested row by row.
"""
