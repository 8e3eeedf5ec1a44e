"""People and their courses: who is known, which roles she has, and what those are worth."""
