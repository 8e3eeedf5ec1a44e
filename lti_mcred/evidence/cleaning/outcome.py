"""What cleaning a file came to."""


class CannotClean(ValueError):
    """The details cannot be taken out. `code`: password, damaged, kind, large or embedded (words.py says it)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
