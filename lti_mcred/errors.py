"""Problem: what happened, what to do next, who can fix it. The only error that a person sees."""

from dataclasses import dataclass


@dataclass(eq=False)
class Problem(Exception):
    """An error with a helping hand. Rendered as a page, or as application/problem+json (RFC 9457).

    `code` is stable and quotable to support; `title`, `detail`, `action` and `who` are shown, already translated;
    `status` is the HTTP status; `log` is for the operator's log alone; `retry_after` (seconds) becomes a header.
    `page` is the endpoint of the page that `action` names, inside the visit that met the problem: it gets a link.
    """

    code: str
    title: str
    detail: str = ""
    action: str = ""
    who: str = ""
    status: int = 400
    log: str = ""
    retry_after: int = 0
    page: str = ""

    def __str__(self) -> str:
        return f"{self.code}: {self.title} {self.detail} {self.log}".strip()

    def as_json(self, reference: str) -> dict[str, str | int]:
        """Return the RFC 9457 members plus ours (action, who, reference)."""
        return {
            "type": f"about:blank#{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "action": self.action,
            "who": self.who,
            "reference": reference,
        }
