"""What assessors get of a file: a copy without what programs wrote about its author; the learner keeps hers."""

import io
import re
import zipfile
from pathlib import Path

import pikepdf
import pytest
from flask import Flask

from lti_mcred.engine.db import db
from lti_mcred.evidence.copies import Copy, copy_of, words_in
from lti_mcred.evidence.files import file_address
from lti_mcred.evidence.models import Blob
from lti_mcred.grading.models import Assessment
from lti_mcred.settings import Settings
from tests import factories
from tests.evidence_helpers import Learner, make_learner
from tests.grading_helpers import Browser

NAMES = {"name": "Zebulon Quasimodo", "given_name": "Zebulon", "family_name": "Quasimodo"}
_DOCUMENT = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>{}</w:t>'
    "</w:r></w:p></w:body></w:document>"
)
_CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>Zebulon Quasimodo</dc:creator></cp:coreProperties>'
)
_OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def pdf(author: str = "Zebulon Quasimodo", password: str = "") -> bytes:
    with pikepdf.new() as made:
        made.add_blank_page()
        made.docinfo["/Author"] = author
        out = io.BytesIO()
        made.save(out, encryption=pikepdf.Encryption(user=password, owner=password) if password else False)
    return out.getvalue()


def docx(text: str = "Six steps, in order.") -> bytes:
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" '
        f'ContentType="{_OFFICE}.main+xml"/></Types>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{relations}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": _DOCUMENT.format(text),
        "docProps/core.xml": _CORE,
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.fixture
def named_learner(app: Flask) -> Learner:
    return make_learner(app, **NAMES).start()


def blob(learner: Learner, part_id: str = "A1") -> Blob:
    found = learner.part(part_id).artefacts[-1].blob
    assert found
    return found


def assessor_of(learner: Learner) -> Browser:
    course = learner.link.course
    who = factories.person(course)
    factories.grant(who)
    visit = factories.visit(who, course, "learner", link=learner.link, granted=("assessor",))
    db.session.commit()
    return Browser(learner.client, visit)


def test_an_assessor_gets_a_clean_copy_and_the_learner_keeps_her_own(named_learner: Learner) -> None:
    named_learner.fill()
    content = pdf()
    named_learner.upload("A1", content, "lesson.Quasimodo")
    assert named_learner.hand_in().status_code == 303
    browser = assessor_of(named_learner)
    assert browser.post("/assess/take").status_code == 303
    page = browser.get(f"/assess/{db.session.scalars(db.select(Assessment)).one().id}").text
    assert "uasimodo" not in page
    addresses = re.findall(r'(?:src|href)="(/evidence-files/[^"]+)"', page)
    served = [browser.client.get(address, buffered=True) for address in addresses]
    assert {answer.status_code for answer in served} == {200}
    for answer in served:
        assert b"uasimodo" not in answer.data
        assert "uasimodo" not in str(answer.headers)
    own = named_learner.part("A1").artefacts[-1]
    assert named_learner.fetch(file_address(own, named_learner.visit)).data == content


def test_a_copy_is_made_once_and_goes_with_its_original(named_learner: Learner, settings: Settings) -> None:
    named_learner.upload("A1", docx(), "plan.docx")
    assert copy_of(blob(named_learner)) == Copy("copy")
    folder = Path(settings.data_dir) / "evidence" / blob(named_learner).sha256[:2]
    made = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert len(made) == 3
    assert copy_of(blob(named_learner)) == Copy("copy")
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == made
    artefact = named_learner.part("A1").artefacts[0]
    named_learner.post(f"/parts/A1/artefacts/{artefact.id}/remove")
    assert list(folder.iterdir()) == []


def test_a_copy_that_the_disk_lost_is_made_anew(named_learner: Learner, settings: Settings) -> None:
    named_learner.upload("A1", pdf())
    artefact = named_learner.part("A1").artefacts[0]
    address = file_address(artefact, named_learner.visit, blind=True)
    first = named_learner.fetch(address).data
    for path in (Path(settings.data_dir) / "evidence").glob("??/*.copy-*"):
        path.unlink()
    assert named_learner.fetch(address).data == first
    assert b"uasimodo" not in first


def test_a_file_that_cannot_be_cleaned_is_told_on_its_page_and_before_handing_in_and_stops_nobody(
    named_learner: Learner,
) -> None:
    named_learner.fill()
    named_learner.upload("A1", pdf(password="secret"), "locked.pdf")
    words = "It is locked with a password, so assessors get it with all that your program wrote into it about you"
    assert words in named_learner.get("/parts/A1").text
    page = named_learner.get("/review").text
    assert "Files to look at before you hand it in" in page
    assert page.count(words) == 1
    assert named_learner.hand_in().status_code == 303


def test_files_attached_inside_a_pdf_are_left_out_and_the_learner_reads_so(named_learner: Learner) -> None:
    with pikepdf.open(io.BytesIO(pdf())) as made:
        made.attachments["Quasimodo.txt"] = pikepdf.AttachedFileSpec(made, b"by Zebulon Quasimodo")
        out = io.BytesIO()
        made.save(out)
    named_learner.upload("A1", out.getvalue())
    assert copy_of(blob(named_learner)) == Copy("copy", ("attachments",))
    assert "Files that are attached inside it are left out" in named_learner.get("/parts/A1").text


def test_a_process_that_dies_leaves_the_file_as_it_is_and_says_so(
    named_learner: Learner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lti_mcred.evidence.copies._SECONDS", 0.001)
    named_learner.upload("A1", pdf())
    assert copy_of(blob(named_learner)) == Copy("as-is", ("failed",))
    assert "We could not take out what your program wrote" in named_learner.get("/parts/A1").text


def test_the_review_shows_what_the_assessor_sees_and_which_file_is_which(named_learner: Learner) -> None:
    named_learner.fill()
    named_learner.upload("A1", docx(), "lesson by Quasimodo.docx")
    part = named_learner.part("A1")
    part.privacy = {"others": "consent", "note": "Forms at Ferndale"}
    db.session.commit()
    review = named_learner.get("/review").text
    shown = review[review.index('id="part-A1"') : review.index("</section>", review.index('id="part-A1"'))]
    assert "A1-2.docx" in shown
    assert "uasimodo" not in shown
    assert "Ferndale" not in shown
    assert "A1-2.docx is your file “lesson by Quasimodo.docx”" in review
    named_learner.hand_in()
    browser = assessor_of(named_learner)
    browser.post("/assess/take")
    page = browser.get(f"/assess/{db.session.scalars(db.select(Assessment)).one().id}").text
    assert without_addresses(shown) in without_addresses(page)


def without_addresses(text: str) -> str:
    return re.sub(r"/evidence-files/[^\"]+", "", text)


def test_names_inside_files_are_found_and_what_is_taken_out_is_no_alarm(named_learner: Learner) -> None:
    named_learner.fill()
    named_learner.upload("A1", docx(), "quasimodo.docx")
    assert "Your name appears in your work" not in named_learner.get("/review").text
    named_learner.upload("A1", docx("By Zebulon Quasimodo"), "essay.docx")
    assert "By Zebulon Quasimodo" in words_in(blob(named_learner))
    assert "“Zebulon Quasimodo” in what essay.docx holds" in named_learner.get("/review").text


def test_the_surest_leak_comes_first(named_learner: Learner) -> None:
    named_learner.fill()
    named_learner.upload("A1", pdf(password="secret"), "locked.pdf")
    named_learner.upload("A1", docx("By Quasimodo"), "essay.docx")
    named_learner.save("A3", alternative="0", others="no")
    named_learner.post("/parts/A3/links", {"url": "https://example.org/~zquasimodo/"})
    named_learner.save("refl", text="I, Zebulon, wrote this. " + "word " * 200)
    page = named_learner.get("/review").text
    text, link, inside = (
        page.index(words) for words in ("“Zebulon” in the text", "in the address of a link", "in what essay.docx holds")
    )
    assert text < link < inside
