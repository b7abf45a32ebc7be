"""A file of any kind → what it says, or a refusal that says what to convert.

What is in a file decides, not its name: web pages are sent as .doc, and Markdown as .txt.
"""

import importlib
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from seed.intake.blocks import Extraction
from seed.intake.encodings import decode
from seed.refusals import NoticeRefusedError

MOST_BYTES = 60_000_000
READERS = {  # format: the module that reads it, and its function
    "pdf": ("seed.intake.pdf", "read_pdf"),
    "docx": ("seed.intake.docx", "read_docx"),
    "xlsx": ("seed.intake.xlsx", "read_xlsx"),
    "csv": ("seed.intake.csv_files", "read_csv"),
    "html": ("seed.intake.html", "read_html"),
    "markdown": ("seed.intake.markdown", "read_markdown"),
    "text": ("seed.intake.text", "read_text"),
}
AS_DOCX = "open it in Word or WPS and save it as .docx"
PLAIN = "one without: open it and save a copy"
THE_TEXT = "the text: recognise it, compare it with the image"
UNPACK = "the file in it: unpack it"
AS_PDF = "a PDF: open it in its reader and print it to PDF"
AS_PAGE = "the page: save it as HTML only"
OTHERS = tuple(  # beginnings of what is refused: what it is, and what to do
    (re.compile(beginning, re.DOTALL), what, expected)
    for beginning, what, expected in (
        (rb"\xd0\xcf\x11\xe0.*E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0", "a file with a password", PLAIN),
        (rb"\xd0\xcf\x11\xe0", "an old Word, WPS or Excel file (.doc, .wps, .xls)", AS_DOCX),
        (rb"\{\\rtf", "an RTF file", AS_DOCX),
        (rb"\xff\xd8\xff", "a JPEG image", THE_TEXT),
        (rb"\x89PNG", "a PNG image", THE_TEXT),
        (rb"GIF8", "a GIF image", THE_TEXT),
        (rb"BM.{4}\0{4}", "a BMP image", THE_TEXT),
        (rb"II\*\0|MM\0\*", "a TIFF image", THE_TEXT),
        (rb"RIFF.{4}WEBP", "a WebP image", THE_TEXT),
        (rb"Rar!", "a RAR archive", UNPACK),
        (rb"7z\xbc\xaf", "a 7z archive", UNPACK),
        (rb"\x1f\x8b", "a gzip archive", UNPACK),
        (rb"CAJ\0|HN\0\0", "a CAJ file", AS_PDF),
        (rb"MIME-Version:|From: <Saved by", "a web archive (.mht)", AS_PAGE),
    )
)
ARCHIVES = (  # a member that tells what a ZIP file is
    ("word/", "docx", ""),
    ("xl/", "xlsx", ""),
    ("ppt/", "", "a presentation; expected the text of the notice: save it as .docx"),
    ("OFD.xml", "", f"an OFD file; expected {AS_PDF}"),
    ("content.xml", "", f"an OpenDocument file; expected DOCX: {AS_DOCX}"),
)
HTML = re.compile(
    rb"<(?:!doctype html|html|head|body|meta|div|p|table|frameset)[\s>]", re.IGNORECASE
)
PIPE_TABLE = re.compile(r"^ *\|.*\|\s*\n *\|(?: *:?-+:? *\|)+", re.MULTILINE)


def extract(data: bytes, name: str, pages: tuple[int, int] | None = None) -> Extraction:
    """What a file says; `name` tells CSV and Markdown from other text.

    Raises NoticeRefusedError for what cannot be read, with what to convert.
    """
    if len(data) > MOST_BYTES:
        raise NoticeRefusedError(None, f"more than {MOST_BYTES} bytes", "a smaller file")
    form = format_of(data, name)
    if pages and form != "pdf":
        raise NoticeRefusedError(None, f"pages of a file of the format {form}", "a PDF for --pages")
    read = _reader(form)
    return read(data, pages) if form == "pdf" else read(data)  # type: ignore[no-any-return]


def format_of(data: bytes, name: str) -> str:
    """The format that the bytes show.

    Raises NoticeRefusedError for one that is not read here.
    """
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(b"PK"):
        return _archive_format(data)
    for beginning, what, expected in OTHERS:
        if beginning.match(data):
            raise NoticeRefusedError(None, what, expected)
    if HTML.search(data[:2000]):
        return "html"
    text, _ = decode(data)
    if HTML.search(text[:2000].encode()):
        return "html"
    suffix = PurePath(name).suffix.lower()
    if suffix in {".csv", ".tsv"}:
        return "csv"
    if suffix in {".md", ".markdown"} or PIPE_TABLE.search(text):
        return "markdown"
    return "text"


def _archive_format(data: bytes) -> str:
    try:
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise NoticeRefusedError(
            None,
            "a damaged or incomplete office file (.docx, .xlsx) or ZIP archive",
            "a complete one: fetch it again, or save it again in Word or WPS",
        ) from None
    for member, form, refusal in ARCHIVES:
        if any(name == member or name.startswith(member) for name in names):
            if form:
                return form
            found, _, expected = refusal.partition("; expected ")
            raise NoticeRefusedError(None, found, expected)
    raise NoticeRefusedError(None, "a ZIP archive", "the file in it: unpack it")


def _reader(form: str) -> Callable[..., Any]:
    module, function = READERS[form]
    try:
        return getattr(importlib.import_module(module), function)  # type: ignore[no-any-return]
    except ModuleNotFoundError as missing:
        raise NoticeRefusedError(
            None,
            f"no package {missing.name}, which {form} needs",
            "`make intake`, or pip install --require-hashes -r requirements-intake.txt",
        ) from None
