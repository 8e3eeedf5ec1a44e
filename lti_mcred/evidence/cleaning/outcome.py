"""What cleaning a file came to."""

# What is told of a copy: a file or an object in it was left as it is.
EMBEDDED = "embedded"


class CannotClean(ValueError):
    """The details cannot be taken out. `code`: password, damaged, kind, large or embedded (words.py says it)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
