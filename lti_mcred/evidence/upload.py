"""Adding and removing files and links of a part. The bytes decide what a file is; the name is only shown."""

from dataclasses import dataclass
from typing import IO

from sqlalchemy import select

from lti_mcred.engine.db import db
from lti_mcred.errors import Problem
from lti_mcred.evidence.accept import MEGABYTE, Taken, taken_by
from lti_mcred.evidence.arrivals import Arrival, Piece, hash_of, maybe_here, repeated, same_file, same_upload
from lti_mcred.evidence.draft import lock_draft, touch
from lti_mcred.evidence.find import Work, open_part
from lti_mcred.evidence.formats.filetypes import FileType
from lti_mcred.evidence.keeping import let_go
from lti_mcred.evidence.kept import remember
from lti_mcred.evidence.models import Artefact, Part
from lti_mcred.evidence.naming import clean_name
from lti_mcred.evidence.problems import problem
from lti_mcred.evidence.room import full_disk_in_words, no_room, room_of, see_that_it_fits
from lti_mcred.evidence.storage import MOST_UNFINISHED, OutOfStep, Received, Storage, TooLarge, TooMany, Unfinished
from lti_mcred.evidence.taking import judged, without_details
from lti_mcred.evidence.weblink import address_of
from lti_mcred.web.typed import plain

PIECE_BYTES = 4 * 1024 * 1024
_LINK_LENGTH = 2000
# White space and the marks of direction that come along when an address is copied.
_AROUND_LINKS = " \t\n\r\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"


@dataclass(frozen=True)
class Begun:
    """How many bytes of an upload are here; `artefact` when all are, from an earlier time."""

    received: int
    artefact: Artefact | None = None


def add_file(
    work: Work, part_id: str, stream: IO[bytes], name: str, *, store: Storage, site_max_mb: int, form: str = ""
) -> tuple[Artefact, bool]:
    """Take a whole file that the page `form` sends; return it, and whether it was here already.

    Raises Problem with what is allowed when it cannot be taken; nothing is kept then.
    """
    part, taken = _part_for(work, part_id, site_max_mb)
    if not maybe_here(part.artefacts, clean_name(name), _length(stream)):
        see_that_it_fits(work.person.id, min(_length(stream), taken.max_bytes), store)
    try:
        with full_disk_in_words(store):
            received = store.receive(stream, taken.max_bytes, work.person.id)
    except TooLarge:
        raise _too_large(name, taken) from None
    arrival = Arrival(received.sha256, received.size, form=form)
    return _attach(work, part, received, name, arrival, store=store, site_max_mb=site_max_mb)


def begin_pieces(work: Work, part_id: str, piece: Piece, *, store: Storage, site_max_mb: int) -> Begun:
    """Return what is here already of this file: from an upload that broke off, or whose last answer was lost."""
    part, taken = _part_for(work, part_id, site_max_mb)
    if piece.size > taken.max_bytes:
        raise _too_large(piece.name, taken)
    if piece.size <= 0:
        raise problem("file-empty", name=clean_name(piece.name))
    if known := same_upload(part.artefacts, piece):
        return Begun(piece.size, known)
    _check_room_for(work, part, taken, piece, store)
    try:
        return Begun(store.received(_unfinished(work, part, piece, site_max_mb), piece.size))
    except TooMany:
        raise _too_many_unfinished(work, site_max_mb) from None


def add_piece(
    work: Work, part_id: str, piece: Piece, stream: IO[bytes], *, store: Storage, site_max_mb: int
) -> tuple[int, Artefact | None]:
    """Take a piece; return the bytes here and, at the end, the artefact; the last piece again is answered the same.

    Raises OutOfStep when the piece belongs elsewhere, Problem when the file cannot be taken.
    """
    part, taken = _part_for(work, part_id, site_max_mb)
    which = _unfinished(work, part, piece, site_max_mb)
    tail, whole = hash_of(stream), piece.offset == 0 and _length(stream) == piece.size
    with store.hold(which):
        db.session.expire(part)  # another request with the same piece may have ended while this one waited
        known = same_upload(part.artefacts, piece)
        if known is None and whole:
            known = same_file(part.artefacts, clean_name(piece.name), tail)
        if known is not None:
            return piece.size, known
        _check_room_for(work, part, taken, piece, store)
        try:
            with full_disk_in_words(store):
                here = store.append(which, stream, piece.offset, min(piece.size, taken.max_bytes))
        except TooLarge:
            raise _too_large(piece.name, taken) from None
        except TooMany:
            raise _too_many_unfinished(work, site_max_mb) from None
        except OutOfStep as step:
            if not step.received and (known := repeated(part.artefacts, piece, tail)):
                return piece.size, known
            if step.received < piece.size:
                raise
            here = step.received  # it arrived whole before, and what should have followed did not happen
        if here < piece.size:
            return here, None
        received = store.finish(which)
        arrival = Arrival(received.sha256, received.size, piece.upload, (piece.offset, tail))
        artefact, _known = _attach(work, part, received, piece.name, arrival, store=store, site_max_mb=site_max_mb)
        return here, artefact


def add_link(work: Work, part_id: str, url: str, site_max_mb: int) -> tuple[Artefact, bool]:
    """Add a web address; return it, and whether it was here already.

    Raises Problem unless it is a whole http(s) address that the part takes.
    """
    part, taken = _part_for(work, part_id, site_max_mb, links=True)
    url = url.strip(_AROUND_LINKS)
    if len(url) > _LINK_LENGTH or plain(url) != url or address_of(url) is None:
        raise problem("link-not-whole")
    _lock(part)
    known = next((item for item in part.artefacts if item.kind == "link" and item.url == url), None)
    if known is not None:
        db.session.rollback()
        return known, True
    _check_room(part, taken)
    return _add(part, Artefact(part_id=part.id, kind="link", url=url)), False


def remove(work: Work, part_id: str, artefact_id: str, *, store: Storage) -> None:
    """Take a file or link out of the draft, and delete a content that nothing names any more; commit.

    What earlier attempts hold stays. Removing it twice is no error.
    """
    part = open_part(work, part_id)
    lock_draft(part.attempt_id)
    gone = []
    for artefact in list(part.artefacts):
        if artefact.id == artefact_id:
            part.artefacts.remove(artefact)
            touch(part)
            gone += [artefact.sha256] if artefact.sha256 else []
    db.session.commit()
    let_go(gone, store)


def _part_for(work: Work, part_id: str, site_max_mb: int, *, links: bool = False) -> tuple[Part, Taken]:
    part = open_part(work, part_id)
    taken = taken_by(work.definition.part(part.part_id), part.alternative, site_max_mb)
    if not (taken.takes_links if links else taken.takes_files):
        raise problem("nothing-to-add/links" if links else "nothing-to-add/files")
    return part, taken


def _lock(part: Part) -> None:
    """Lock the draft and look at it anew: more may have come while this file or link arrived."""
    lock_draft(part.attempt_id)
    db.session.expire(part)


def _check_room_for(work: Work, part: Part, taken: Taken, piece: Piece, store: Storage) -> None:
    """Raise Problem where there is no room for the file; at its end only, where it may be one that is here already."""
    if not maybe_here(part.artefacts, clean_name(piece.name), piece.size):
        _check_room(part, taken)
        see_that_it_fits(work.person.id, piece.size - piece.offset, store)


def _check_room(part: Part, taken: Taken) -> None:
    if len(part.artefacts) < taken.max_files:
        return
    db.session.rollback()
    raise problem("enough-files", most=taken.max_files)


def _attach(
    work: Work, part: Part, received: Received, name: str, arrival: Arrival, *, store: Storage, site_max_mb: int
) -> tuple[Artefact, bool]:
    if known := same_file(part.artefacts, clean_name(name), arrival.sha256):
        store.discard(received)
        return known, True
    try:
        taken = taken_by(work.definition.part(part.part_id), part.alternative, site_max_mb)
        kind = judged(taken, received, name)
        received = without_details(received, kind, name)
    except Problem:
        store.discard(received)
        raise
    # All that a person sends at one moment is counted one after another, and nobody deletes what is stored here.
    with store.hold(_of_person(work)), store.holding(received.sha256):
        return _keep(
            work,
            part,
            received,
            kind,
            Artefact(
                part_id=part.id,
                kind="file",
                sha256=received.sha256,
                filename=clean_name(name),
                arrival=arrival.stored(),
            ),
            arrival=arrival,
            taken=taken,
            store=store,
        )


def _keep(
    work: Work, part: Part, received: Received, kind: FileType, artefact: Artefact,
    *, arrival: Arrival, taken: Taken, store: Storage,
) -> tuple[Artefact, bool]:  # fmt: skip
    """Store what was received and its artefact in one commit; return it, and whether it was here already."""
    try:
        _lock(part)
        known = same_file(part.artefacts, artefact.filename or "", arrival.sha256)
        if known is None:
            _check_room(part, taken)
            see_that_it_fits(work.person.id, received.size, store, received.sha256)
    except Problem:
        db.session.rollback()
        store.discard(received)
        raise
    if known is not None:  # sent twice at one moment
        db.session.rollback()
        store.discard(received)
        return known, True
    store.keep(received)
    remember(received, kind)
    return _add(part, artefact), False


def _add(part: Part, artefact: Artefact) -> Artefact:
    last = db.session.scalars(
        select(Artefact.position).where(Artefact.part_id == part.id).order_by(Artefact.position.desc())
    ).first()
    artefact.position = 0 if last is None else last + 1
    db.session.add(artefact)
    touch(part)
    db.session.commit()
    return artefact


def _of_person(work: Work, name: str = "", most: int = 0) -> Unfinished:
    return Unfinished(work.person.id, name, most)


def _unfinished(work: Work, part: Part, piece: Piece, site_max_mb: int) -> Unfinished:
    # One person has room for two of the largest files that the site takes, within all that she may keep.
    most = 2 * site_max_mb * MEGABYTE
    if not maybe_here(part.artefacts, clean_name(piece.name), piece.size):
        most = min(most, room_of(work.person.id))
    return _of_person(work, f"{part.id}|{piece.upload}", most)


def _length(stream: IO[bytes]) -> int:
    """Return how many bytes a whole file has that came with a form."""
    here = stream.tell()
    length = stream.seek(0, 2)
    stream.seek(here)
    return length


def _too_many_unfinished(work: Work, site_max_mb: int) -> Problem:
    if room_of(work.person.id) < 2 * site_max_mb * MEGABYTE:
        return no_room(work.person.id)
    return problem("too-many-unfinished", most=MOST_UNFINISHED)


def _too_large(name: str, taken: Taken) -> Problem:
    return problem("file-too-large", name=clean_name(name), limit=taken.max_mb)
