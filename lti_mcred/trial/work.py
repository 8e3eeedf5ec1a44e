"""What the learner of the story hands in for the job hazard analysis: invented, within the word limits, tiny files."""

import struct
import zlib
from dataclasses import dataclass

JOB_HAZARD = "Job Hazard Analysis for a Small Crew"


@dataclass(frozen=True)
class Evidence:
    """The answer to one part. `alternative`: number of the accepted alternative; `others`: the privacy gate.

    `link`: a web address that is handed in beside the files, "" for none.
    """

    text: str = ""
    files: tuple[tuple[str, bytes], ...] = ()
    alternative: str = ""
    others: str = "no"
    link: str = ""


_FONT = b"<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
_PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources " + _FONT + b" >>"


def pdf(title: str) -> bytes:
    """Return a one-page PDF that says `title`."""
    stream = f"BT /F1 18 Tf 60 720 Td ({title}) Tj ET".encode("ascii", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        _PAGE,
        b"<< /Length %d >>\nstream\n" % len(stream) + stream + b"\nendstream",
    ]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def png(red: int, green: int, blue: int) -> bytes:
    """Return a small PNG of one colour."""
    rows = (b"\x00" + bytes((red, green, blue)) * 120) * 80

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 120, 80, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


_SITE = (
    "The task is changing the blade of a walk-behind mower in a college shop. I lead a crew of three learners who "
    "share the mowers of the grounds team. The shop is a closed room with two roll-up doors, a bench, a lift and "
    "a spill kit. I am the crew lead for this term and plan the order of work. My instructor, who answers for the "
    "shop, agreed in writing that we may analyse this task and stayed in the room while we did it. Nobody is "
    "named here and no company is involved. The work took about forty minutes and was done twice."
)
_WHY = (
    "Last month a learner reached under the deck while the spark plug wire was still connected. Nothing happened, "
    "and everybody in the room knew that this was luck. Two of us are new this term, and the lift was replaced in "
    "August, so the old habits no longer fit the equipment that we use."
)
_BRIEFING = (
    "I held the briefing beside the lift, before anybody picked up a tool. We spoke English and Spanish. I named "
    "the three steps that could hurt somebody, showed the plug wire and the lift pin, and asked each person to "
    "say in their own words what they would do first. The supervisor, a grounds foreman, states that he asked two "
    "of them why the wire comes off before the deck goes up, and that both answered correctly and showed it."
)
_REFLECTION = (
    "I wanted a lift with a second mechanical lock, because the pin alone depends on somebody looking at it. The "
    "shop has no money for another lift this year, and the old one passed its inspection, so the answer was no. "
    "The person who decides is the manager of the campus equipment fund. I would say to her that we used the lift "
    "forty times this term, that the pin was found half seated twice, and that a lock costs less than one "
    "afternoon in an emergency room. I would bring the two dated forms and the photographs, because they show "
    "what we saw rather than what I fear. Until then we added a step: a second person puts a hand on the pin and "
    "says so aloud. That is weaker than a lock, and I wrote down why we use it anyway, and when we look at it "
    "again."
)

WORK: dict[str, Evidence] = {
    "site": Evidence(text=_SITE),
    "why": Evidence(text=_WHY),
    "A1": Evidence(files=(("first-analysis.pdf", pdf("First analysis: mower blade change")),)),
    "A2": Evidence(files=(("step-2.png", png(32, 110, 110)), ("step-4.png", png(190, 140, 60))), others="no"),
    "A3": Evidence(text=_BRIEFING, alternative="0", others="no"),
    "A4": Evidence(
        files=(("revised-analysis.pdf", pdf("Revised analysis, changes dated")),),
        link="https://safety.example.edu/shop/mower-blade/revised-analysis",
    ),
    "A5": Evidence(files=(("host-confirmation.pdf", pdf("Host confirmation by job title")),)),
    "refl": Evidence(text=_REFLECTION),
}
