"""Who lives on a campus, and how more learners are made up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class PersonSeed:
    """One invented person before the campus gives ids to them."""

    key: str
    role: str
    given_name: str
    family_name: str
    number: int
    username: str
    email: str | None
    sourced_id: str | None


@dataclass(frozen=True)
class CourseSeed:
    """One invented course before the campus gives a context id to it; ``number`` stands in its address."""

    number: int
    label: str
    title: str
    sourced_id: str
    starts_at: datetime


_GIVEN = ("Ada", "Bao", "Chiara", "Dov", "Esi", "Farid", "Goran", "Hugo", "Ines", "Jun", "Kofi", "Lucía", "Mei")
_FAMILY = ("Abebe", "Brandão", "Çelik", "Dubois", "Eriksen", "Fofanah", "Gupta", "Hoàng", "Ito", "Jansen", "Kaya")


def made_up_name(index: int) -> tuple[str, str]:
    """The given and family name of the ``index``-th extra learner; the same index gives the same name."""
    return _GIVEN[index % len(_GIVEN)], _FAMILY[(index // len(_GIVEN) + index) % len(_FAMILY)]
