"""What is said about a file that a part does not take: what it seems to be, and how to make of it what fits."""

from flask_babel import gettext as _

from lti_mcred.evidence.formats.filetypes import FileType


def what_it_is(found: FileType) -> str:
    """Return what the file seems to be, as a sentence; "" when that is not known."""
    said = _refused_words().get(found.code) or _taken_words().get(found.code)
    return str(said[0]) if said else ""


def what_to_do(found: FileType) -> str:
    """Return how to make of it a file that fits, as a sentence."""
    said = _refused_words().get(found.code) or _taken_words().get(found.code)
    return str(said[1] if said else _("Save it as one of these kinds and add it again."))


def _taken_words() -> dict[str, tuple[str, str]]:
    """Files that other parts take."""
    again = _("Save it as one of these kinds and add it again.")
    export = _("Open it and choose Save as or Export, for example to PDF, then add that file.")
    apple = _("Open it and choose File, Export To, for example PDF, then add that file.")
    pictures = _("It is a picture.")
    sound = _("It is a sound recording, without pictures.")
    film = _("It is a video.")
    words = {
        "pdf": (_("It is a PDF."), again),
        "docx": (_("It is a Word document."), export),
        "xlsx": (_("It is an Excel workbook."), export),
        "pptx": (_("It is a PowerPoint presentation."), export),
        "ppsx": (_("It is a PowerPoint show."), export),
        "odt": (_("It is an OpenDocument text (.odt)."), export),
        "ods": (_("It is an OpenDocument spreadsheet (.ods)."), export),
        "odp": (_("It is an OpenDocument presentation (.odp)."), export),
        "rtf": (_("It is a Rich Text document (.rtf)."), export),
        "epub": (_("It is an e-book (EPUB)."), export),
        "pages": (_("It is a Pages document."), apple),
        "keynote": (_("It is a Keynote presentation."), apple),
        "numbers": (_("It is a Numbers spreadsheet."), apple),
        "html": (_("It is a web page (HTML)."), _("Open it in a browser and print it to PDF, then add that file.")),
        "text": (_("It is plain text."), again),
    }
    return words | {
        code: (says, again)
        for says, codes in (
            (pictures, ("jpeg", "png", "gif", "webp", "avif", "heic", "heics", "heif", "heifs")),
            (sound, ("mp3", "wav", "ogg-sound", "mp4-sound", "3gp-sound", "3g2-sound", "webm-sound", "mka", "flac",
                     "aac", "aiff", "amr")),
            (film, ("mp4", "3gp", "3g2", "mov", "webm", "mkv", "ogg-film", "avi")),
        )
        for code in codes
    }  # fmt: skip


def _refused_words() -> dict[str, tuple[str, str]]:
    """Files that no part takes."""
    return _office() | _other_documents() | _archives() | _pointers() | _pictures_and_recordings()


def _office() -> dict[str, tuple[str, str]]:
    word = _("Open it in Word or LibreOffice, save it as .docx or PDF, then add that file.")
    as_pdf = _("Open it, save it as PDF, then add that file.")
    return {
        "office-macros": (
            _("It is an Office document with macros or controls in it. Those could run on other computers."),
            _("Save it without macros (.docx, .xlsx, .pptx) or as PDF, then add that file."),
        ),
        "office-template": (
            _("It is an Office template, from which documents are made."),
            _("Open it and save what you wrote as a document (.docx, .xlsx, .pptx) or PDF, then add that file."),
        ),
        "office-binary": (
            _("It is a binary Excel workbook (.xlsb)."),
            _("Open it in Excel and save it as .xlsx, then add that file."),
        ),
        "office-other": (_("It is a document of an Office program that assessors may not have."), as_pdf),
        "office-damaged": (
            _("It looks like a document or an archive that is damaged or did not arrive whole."),
            _("Open it on your device, save it anew, and add the new file."),
        ),
        "office-password": (
            _("It is an Office document that asks for a password."),
            _("Take the password out (File, Info, Protect), save it, then add it again."),
        ),
        "doc": (_("It is a Word document of the old kind (.doc)."), word),
        "xls": (
            _("It is an Excel workbook of the old kind (.xls)."),
            _("Open it in Excel or LibreOffice, save it as .xlsx or PDF, then add that file."),
        ),
        "ppt": (
            _("It is a PowerPoint presentation of the old kind (.ppt)."),
            _("Open it in PowerPoint or LibreOffice, save it as .pptx or PDF, then add that file."),
        ),
        "msg": (_("It is a message saved by Outlook."), _("Print the message to PDF, then add that file.")),
    }


def _other_documents() -> dict[str, tuple[str, str]]:
    as_pdf = _("Open it, save it as PDF, then add that file.")
    return {
        "ole-other": (_("It is a document of an older program that assessors may not have."), as_pdf),
        "odf-macros": (
            _("It is an OpenDocument file with macros in it. Those could run on other computers."),
            _("Take the macros out or save it as PDF, then add that file."),
        ),
        "odf-password": (
            _("It is an OpenDocument file that asks for a password."),
            _("Save it without a password, then add it again."),
        ),
        "odf-other": (_("It is an OpenDocument drawing, template or other file that assessors may not open."), as_pdf),
        "xml": (_("It is data in XML."), _("Open it in the program that made it, save it as PDF, then add that file.")),
        "mail": (_("It is a saved e-mail message."), _("Print the message to PDF, then add that file.")),
        "postscript": (_("It is a PostScript file."), _("Save it as PDF, then add that file.")),
        "text-unreadable": (
            _("It looks like text in an encoding that we cannot tell."),
            _("Save it as UTF-8 (Save as, Encoding), then add it again."),
        ),
    }


def _archives() -> dict[str, tuple[str, str]]:
    unpack = _("Unpack it and add the files in it one by one.")
    return {
        "iwork-folder": (
            _("It is a folder of Pages, Numbers or Keynote that your browser packed."),
            _("Open it in its program and choose File, Export To, for example PDF, then add that file."),
        ),
        "archive-scorm": (_("It is a course package (SCORM or Common Cartridge)."), unpack),
        "archive-h5p": (
            _("It is an H5P package."),
            _("Publish it and add its link, or add screenshots or a PDF of it."),
        ),
        "archive-web": (
            _("It is a web page saved as an archive."),
            _("Open it in a browser and print it to PDF, then add that file."),
        ),
        "archive-tangled": (
            _("It holds more than we can look through."),
            _("Save it anew in a simpler form, for example as PDF, then add that file."),
        ),
        "archive": (_("It is an archive with other files in it."), unpack),
        "program": (_("It is a program. Programs are never taken."), _("Add screenshots, a recording or a PDF of it.")),
        "script": (_("It is a script that a computer would run."), _("Add it as PDF, or paste it into a document.")),
    }


def _pointers() -> dict[str, tuple[str, str]]:
    as_file = _("Open the document itself, download it as PDF or Word, then add that file.")
    return {
        "drive-stub": (
            _("It is only a pointer to a Google document; your work itself is not in it."),
            _("Open the document in Google Drive, choose File, Download (PDF or Word), then add that file."),
        ),
        "shortcut": (_("It is only a shortcut to a page or a file; your work itself is not in it."), as_file),
        "icloud-stub": (
            _("It is only a placeholder; the file itself is still in iCloud."),
            _("Open it once on your device, so that it is downloaded, then add it again."),
        ),
        "mac-shadow": (
            _("It is a hidden file in which a Mac keeps notes about another file."),
            _("Add the file of the same name without ._ before it."),
        ),
    }


def _pictures_and_recordings() -> dict[str, tuple[str, str]]:
    as_jpeg = _("Open it, save or export it as JPEG or PNG, then add that picture.")
    as_mp4 = _("Save or export it as MP4, then add that file.")
    as_mp3 = _("Save or export it as MP3 or M4A, then add that file.")
    return {
        "svg": (_("It is a drawing (SVG), which can hold programs."), _("Export it as PNG or PDF, then add that.")),
        "tiff": (_("It is a TIFF picture or a raw photograph, which browsers do not show."), as_jpeg),
        "bmp": (_("It is a bitmap picture (BMP)."), as_jpeg),
        "jpeg-2000": (_("It is a JPEG 2000 picture or film, which browsers do not show."), as_jpeg),
        "jpeg-xl": (_("It is a JPEG XL picture, which most browsers do not show."), as_jpeg),
        "raw-picture": (_("It is a raw photograph of a camera, which browsers do not show."), as_jpeg),
        "picture-other": (_("It is a picture of a kind that browsers do not show."), as_jpeg),
        "wmv": (_("It is a Windows Media recording."), _("Save or export it as MP4 or MP3, then add that file.")),
        "film-other": (_("It is a video of a kind that browsers do not play."), as_mp4),
        "sound-other": (_("It is a sound file of a kind that browsers do not play."), as_mp3),
        "recording-broken": (
            _("It is a recording that was not finished: the part that says how to play it is missing."),
            _("See whether it plays on your device. Export or record it anew, then add that file."),
        ),
        "recording-empty": (
            _("It is a recording in which we find neither sound nor pictures."),
            _("See whether it plays on your device. Export it as MP4 or MP3, then add that file."),
        ),
    }
