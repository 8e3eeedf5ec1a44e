"""What a part takes: the definition's accept words as kinds, sizes and counts. Pure: no Flask, no database."""

from dataclasses import dataclass

from lti_mcred.catalog.definition import ArtifactSpec, Prompt

MEGABYTE = 1024 * 1024
# What an accepted alternative may be made of: a recording, a statement, scans of task sheets.
ALTERNATIVE_KINDS = ("pdf", "docx", "xlsx", "image", "audio", "video", "text", "link")
ALTERNATIVE_FILES = 6
PROMPT_MEGABYTES = 100
TEXT_LIMIT = 60_000

# For the file chooser of the browser; what is really in the file is looked at on arrival.
CHOOSER = {
    "pdf": (".pdf", "application/pdf"),
    "docx": (".docx",),
    "pptx": (".pptx", ".ppsx"),
    "xlsx": (".xlsx",),
    "odt": (".odt",),
    "ods": (".ods",),
    "odp": (".odp",),
    "rtf": (".rtf", "application/rtf"),
    "epub": (".epub", "application/epub+zip"),
    "pages": (".pages",),
    "keynote": (".key",),
    "numbers": (".numbers",),
    "html": (".html", ".htm", "text/html"),
    "text": (".txt", ".md", ".csv", "text/plain"),
    "image": ("image/*",),
    "audio": ("audio/*",),
    "video": ("video/*",),
}


@dataclass(frozen=True)
class Taken:
    """What one part takes as it is chosen now. `max_mb` in megabytes of 1024 x 1024 bytes."""

    kinds: tuple[str, ...]
    max_files: int
    max_mb: int
    # The text box holds the work itself; otherwise it is a note beside the files.
    text_counts: bool

    @property
    def file_kinds(self) -> tuple[str, ...]:
        """Kinds that can be uploaded (a link cannot)."""
        return tuple(kind for kind in self.kinds if kind != "link")

    @property
    def takes_files(self) -> bool:
        """Whether there is anything to upload."""
        return self.max_files > 0 and bool(self.file_kinds)

    @property
    def takes_links(self) -> bool:
        """Whether a web address may stand in for a file."""
        return "link" in self.kinds

    @property
    def max_bytes(self) -> int:
        """Largest file in bytes."""
        return self.max_mb * MEGABYTE

    def chooser(self) -> str:
        """Return the value of an `accept` attribute."""
        return ",".join(word for kind in self.file_kinds for word in CHOOSER[kind])


def taken_by(spec: Prompt | ArtifactSpec, alternative: int | None, site_max_mb: int) -> Taken:
    """Return what `spec` takes when `alternative` (index or None: as asked) is chosen, within the site's limit."""
    if isinstance(spec, Prompt):
        if alternative is None:
            return Taken((), 0, 0, text_counts=True)
        return Taken(ALTERNATIVE_KINDS, ALTERNATIVE_FILES, min(PROMPT_MEGABYTES, site_max_mb), text_counts=True)
    limit = min(spec.max_mb_each, site_max_mb)
    if alternative is None:
        return Taken(spec.accept, spec.max_files, limit, text_counts="text" in spec.accept)
    return Taken(ALTERNATIVE_KINDS, max(spec.max_files, ALTERNATIVE_FILES), limit, text_counts=True)
