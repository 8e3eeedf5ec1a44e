"""Copies for assessors: what a PDF loses, dictionary by dictionary, and what its pages keep."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from lti_mcred.evidence.cleaning.clean import clean
from tests.cleaning_helpers import NAME, code_of
from tests.made_files import JPEG

PDF = "application/pdf"
WHO = NAME.decode()
Fill = Callable[[pikepdf.Pdf], object]


def made(fill: Fill, **saved: Any) -> bytes:
    """Return a PDF of one page after `fill`."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        fill(pdf)
        out = io.BytesIO()
        pdf.save(out, **saved)
    return out.getvalue()


def cleaned(tmp_path: Path, fill: Fill) -> tuple[pikepdf.Pdf, tuple[str, ...]]:
    """Return the opened copy of such a PDF, and what is told of it."""
    (tmp_path / "source").write_bytes(made(fill))
    notes = clean(tmp_path / "source", tmp_path / "copy", PDF)
    left = pikepdf.open(tmp_path / "copy")
    assert NAME not in left.Root.unparse(resolved=True)
    return left, notes


def test_a_pdf_that_opens_with_a_password_alone_is_told(tmp_path: Path) -> None:
    locked = made(lambda _pdf: None, encryption=pikepdf.Encryption(user="secret", owner="secret"))
    assert code_of(tmp_path, locked, PDF) == "password"


def test_a_pdf_that_everybody_may_open_is_cleaned_and_has_no_owners_password_any_more(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(made(lambda _pdf: None, encryption=pikepdf.Encryption(owner="secret")))
    assert clean(tmp_path / "source", tmp_path / "copy", PDF) == ()
    with pikepdf.open(tmp_path / "copy") as left:
        assert not left.is_encrypted


def test_of_the_names_of_a_pdf_those_of_places_stay_and_attached_files_are_told(tmp_path: Path) -> None:
    def fill(pdf: pikepdf.Pdf) -> None:
        file = Dictionary(Type=Name.Filespec, F=String(WHO), EF=Dictionary(F=pdf.make_stream(NAME)))
        files = Dictionary(Names=Array([String(WHO), pdf.make_indirect(file)]))
        places = Dictionary(Names=Array([String("one"), Array([pdf.pages[0].obj, Name.Fit])]))
        pdf.Root.Names = Dictionary(EmbeddedFiles=files, Dests=places, URLS=Dictionary(Names=Array([String(WHO)])))

    left, notes = cleaned(tmp_path, fill)
    assert notes == ("attachments",)
    assert set(left.Root.Names.keys()) == {"/Dests"}
    assert str(left.Root.Names.Dests.Names[0]) == "one"


def test_a_form_keeps_its_fields_and_loses_what_its_program_noted(tmp_path: Path) -> None:
    def fill(pdf: pikepdf.Pdf) -> None:
        def packet(words: bytes) -> pikepdf.Object:
            return pdf.make_stream(words)

        xfa = [String("xmpmeta"), packet(NAME), String("template"), packet(b"fields"), String("config"), packet(NAME)]
        field = pdf.make_indirect(
            Dictionary(Subtype=Name.Widget, Rect=[0, 0, 9, 9], T=String("answer"), M=String("D:2026"), V=String("six"))
        )
        pdf.Root.AcroForm = Dictionary(Fields=Array([field]), XFA=Array(xfa), SigFlags=3)

    left, _notes = cleaned(tmp_path, fill)
    form = left.Root.AcroForm
    assert [str(form.XFA[0]), form.XFA[1].read_bytes(), len(form.XFA)] == ["template", b"fields", 2]
    assert {key: str(value) for key, value in form.Fields[0].items() if isinstance(value, String)} == {
        "/T": "answer",
        "/V": "six",
    }
    assert "/SigFlags" not in form


def test_a_form_without_packets_stays(tmp_path: Path) -> None:
    left, _notes = cleaned(tmp_path, lambda pdf: pdf.Root.__setitem__("/AcroForm", Dictionary(Fields=Array([]))))
    assert set(left.Root.AcroForm.keys()) == {"/Fields"}


@pytest.mark.parametrize(
    ("thing", "left"),
    [
        (Dictionary(Type=Name.Sig, Name=String(WHO), Contents=String("x")), {}),
        (Dictionary(ByteRange=Array([0, 1]), Contents=String("x"), Reason=String(WHO)), {}),
        (
            Dictionary(Type=Name.OCG, Name=String("Notes"), Usage=Dictionary(User=Dictionary(Name=WHO), Print="on")),
            {"/Type": "/OCG", "/Name": "Notes", "/Usage": "{'/Print': 'on'}"},
        ),
        (Dictionary(Type=Name.OCG, Name=String("Notes")), {"/Type": "/OCG", "/Name": "Notes"}),
        (Dictionary(Type=Name.Thread, I=Dictionary(Author=WHO), F=String("a")), {"/Type": "/Thread", "/F": "a"}),
        (
            Dictionary(Subtype=Name.Form, Ref=Dictionary(F=String(WHO)), Name=Name.a),
            {"/Subtype": "/Form", "/Name": "/a"},
        ),
    ],
    ids=["signature", "signed range", "layer", "plain layer", "thread", "form of another file"],
)
def test_a_dictionary_of_a_pdf_loses_who_and_keeps_what(
    tmp_path: Path, thing: pikepdf.Object, left: dict[str, str]
) -> None:
    copy, _notes = cleaned(tmp_path, lambda pdf: pdf.Root.__setitem__("/Threads", Array([pdf.make_indirect(thing)])))

    def told(value: pikepdf.Object) -> str:
        return str({key: str(inner) for key, inner in value.items()} if isinstance(value, Dictionary) else value)

    assert {key: told(value) for key, value in copy.Root.Threads[0].items()} == left


def test_words_that_are_an_object_of_their_own_stay(tmp_path: Path) -> None:
    left, _notes = cleaned(tmp_path, lambda pdf: pdf.Root.__setitem__("/Lang", pdf.make_indirect(String("en"))))
    assert str(left.Root.Lang) == "en"


@pytest.mark.parametrize("said", [b"", b"\xff\xfe\0\x13" + NAME], ids=["nothing to hide", "a comment"])
def test_a_photograph_of_a_pdf_keeps_its_points_and_its_parameters(tmp_path: Path, said: bytes) -> None:
    def fill(pdf: pikepdf.Pdf) -> None:
        picture = pdf.make_stream(b"", Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1)
        picture.write(JPEG[:2] + said + JPEG[2:], filter=Name.DCTDecode, decode_parms=Dictionary(ColorTransform=0))
        pdf.pages[0].Resources = Dictionary(XObject=Dictionary(I=picture))

    left, notes = cleaned(tmp_path, fill)
    picture = left.pages[0].Resources.XObject.I
    assert picture.read_raw_bytes() == JPEG
    assert picture.DecodeParms.ColorTransform == 0
    assert notes == ()
