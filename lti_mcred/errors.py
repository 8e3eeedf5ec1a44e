"""Problem: what happened, what to do next, who can fix it. The only error that a person sees.

Its words are data: each room has a table of what it says (`problems.py`) and raises by code,
`raise problem("enough-files", most=3)`. docs/problems.md lists all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import gettext

Words = str | tuple[str, ...]


def N_(message: str) -> str:  # noqa: N802 - the name that gettext's extractor looks for
    """Mark a sentence for translation; it is translated when a Problem is made of it."""
    return message


class Who(StrEnum):
    """Who can fix it, as the page says it."""

    YOURSELF = N_("You can do this yourself")
    YOURSELF_OR_MORE_ROOM = N_("You can do this yourself; the administrator of this tool can give more room")
    TEACHER = N_("The teacher of the course")
    COURSE = N_("The teacher or the administrator of the course")
    SHARED_BY = N_("The person who shared the link")
    ACTED_AS = N_("The person you act as")
    YOUR_LMS_ADMIN = N_("The administrator of your LMS")
    LMS_ADMIN = N_("The administrator of the LMS")
    NAMES_ADMIN = N_("The administrator of your course system can allow names to be sent")
    TOOL_ADMIN = N_("The administrator of this tool")
    OPERATOR = N_("The people who run this tool")


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


@dataclass(frozen=True)
class Row:
    """What a table says under a code. Its sentences are marked with `N_` and may hold values: `%(most)s`.

    A tuple holds several sentences; a sentence that is a value alone may turn out empty and is left out then.
    `status`: 0 where only the one who raises knows it. `page` and `retry_after` are those of the Problem.
    """

    title: Words
    detail: Words = ""
    action: Words = ""
    who: str = Who.YOURSELF
    status: int = 400
    page: str = ""
    retry_after: int = 0


@dataclass(frozen=True)
class Table:
    """The problems of a room: key -> Row.

    A key is the code that people see. Where one code has several wordings, what follows a slash tells them apart:
    `nothing-to-add/links`. In a code that ends in … the status stands for it: `http-…`.
    """

    rows: Mapping[str, Row]

    def row(self, key: str) -> Row:
        """Return what stands under a key. Raises KeyError."""
        return self.rows[key]

    def problem(
        self, key: str, /, *, log: str = "", status: int = 0, retry_after: int = 0, **values: object
    ) -> Problem:
        """Return the Problem of a key in the reader's language. Raises KeyError when it or a value is missing."""
        return self.made(key, values, log, status, retry_after)

    def made(
        self, key: str, values: Mapping[str, object], log: str = "", status: int = 0, retry_after: int = 0
    ) -> Problem:
        """Do the same with a mapping of values."""
        row = self.row(key)
        status = status or row.status
        return Problem(
            key.partition("/")[0].replace("…", str(status)),
            _said(row.title, values),
            _said(row.detail, values),
            _said(row.action, values),
            _said(row.who, values),
            status,
            log,
            retry_after or row.retry_after,
            row.page,
        )


def _said(words: Words, values: Mapping[str, object]) -> str:
    sentences = (words,) if isinstance(words, str) else words
    said = (gettext(one, **values) for one in sentences if one)
    return " ".join(one for one in said if one)
