"""The refusal that ends a request, from wherever it is found out."""

from __future__ import annotations

from flask import Response


class Refusal(Exception):
    """An answer that ends the request: what it did so far (a burnt token, say) is kept."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response
