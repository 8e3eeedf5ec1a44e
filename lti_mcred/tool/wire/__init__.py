"""What we ask an LMS: its keys, tokens, grades, class list, notices; and the keys that we sign with."""
