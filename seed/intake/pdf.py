"""PDF → paragraphs and tables, each with its page and box."""

import io
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pdfplumber
from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
from pdfplumber.page import Page

from seed.intake.blocks import Block, Extraction, IntakeQuestion, Origin, PageSize, SetAside
from seed.intake.lines import join_titles, paragraphs_of
from seed.intake.lost_tables import lost_tables
from seed.intake.pdf_edges import missing_edges
from seed.intake.pdf_lines import (
    HAN,
    Glyph,
    Measure,
    PageLine,
    grouped,
    lines_of,
    measure,
    rounded,
    without_furniture,
)
from seed.intake.pdf_tables import PageTable, continued, inside, page_table
from seed.intake.tables import read_table
from seed.refusals import NoticeRefusedError

MOST_PAGES = 300
FEWEST_GLYPHS = 10  # on a page that is text and not a picture
LARGE_PICTURE = 0.15  # of the page: it may hold words
SMALL_PICTURE = 0.01
UNNAMED = re.compile(r"\(cid:\d+\)")  # pdfminer's word for a glyph whose font does not name it
MOST_UNNAMED = 0.05  # of all, before a copy is of no use
WHITE = ((1,), (1, 1, 1), (0, 0, 0, 0))
SCAN = (
    "a PDF with text: take the file that it was printed from; or recognise the text, compare it "
    "with the picture word for word, and save it as DOCX"
)


@dataclass
class _Read:
    """What has been read of the pages so far; tables stand among the lines as they do there."""

    parts: list[list[PageLine] | PageTable]
    set_aside: list[SetAside]
    questions: list[IntakeQuestion]
    images: dict[str, list[Origin]] = field(default_factory=dict)
    tables: int = 0

    def add_line(self, line: PageLine) -> None:
        if not self.parts or isinstance(self.parts[-1], PageTable):
            self.parts.append([])
        last = self.parts[-1]
        assert isinstance(last, list)
        last.append(line)


def read_pdf(data: bytes, pages: tuple[int, int] | None = None) -> Extraction:
    """What a PDF says, from the first to the last of `pages`.

    Raises NoticeRefusedError for a scan, a password, a damaged file and too many pages.
    """
    logging.getLogger("pdfminer").setLevel(logging.ERROR)  # it warns about fonts that it can read
    try:
        with pdfplumber.open(io.BytesIO(data)) as pdf:
            return _extraction(pdf.pages, pages)
    except (NoticeRefusedError, MemoryError):
        raise
    except (PDFPasswordIncorrect, PDFEncryptionError):
        raise NoticeRefusedError(
            None, "a PDF with a password", "one without: open it and print it to a new PDF"
        ) from None
    except Exception as error:  # noqa: BLE001 (pdfminer raises anything on a damaged file)
        raise NoticeRefusedError(
            None, f"a PDF that cannot be read ({type(error).__name__})", "an undamaged PDF"
        ) from None


def _extraction(pages: Sequence[Page], chosen: tuple[int, int] | None) -> Extraction:
    first, last = chosen or (1, len(pages))
    if not 1 <= first <= last <= len(pages):
        raise NoticeRefusedError(
            None, f"pages {first}-{last}", f"pages between 1 and {len(pages)}, as in 3-9"
        )
    if last - first >= MOST_PAGES:
        raise NoticeRefusedError(
            None, f"{last - first + 1} pages", f"at most {MOST_PAGES}: say which by --pages"
        )
    read = _Read([], [], [])
    sizes: list[PageSize] = []
    lines: list[PageLine] = []
    tables: dict[int, list[PageTable]] = {}
    glyphs = unnamed = 0
    for page in pages[first - 1 : last]:
        _move_to_origin(page)
        found = list(_glyphs(page, read.set_aside))
        glyphs += len(found)
        unnamed += sum(glyph.text == "\ufffd" for glyph in found)
        _look_at_pictures(page, len(found), read)
        read.set_aside += _annotations(page)
        tables[page.page_number] = _tables(page, found, read)
        boxes = [table.box for table in tables[page.page_number]]
        around = [glyph for glyph in found if not any(inside(box, glyph) for box in boxes)]
        width, height = float(page.width), float(page.height)
        sizes.append(PageSize(page.page_number, round(width, 1), round(height, 1)))
        lines += lines_of(around, page.page_number, width, height)
        page.close()
    if glyphs < FEWEST_GLYPHS:
        raise NoticeRefusedError(None, "pages without any text, a scan", SCAN)
    if unnamed > MOST_UNNAMED * glyphs:
        raise NoticeRefusedError(
            None, f"{unnamed} of {glyphs} characters that their fonts do not name", SCAN
        )
    body, furniture = without_furniture(lines, last - first + 1)
    read.set_aside += furniture
    for number in range(first, last + 1):
        _place_in_order([line for line in body if line.page == number], tables[number], read)
    return replace(_finished(read), pages=tuple(sizes))


def _place_in_order(lines: list[PageLine], tables: list[PageTable], read: _Read) -> None:
    """Lines and tables of a page from top to bottom; a table may go on from the page before."""
    for table in sorted(tables, key=lambda table: table.box[1]):
        while lines and lines[0].box[3] <= table.box[1] + 1:
            read.add_line(lines.pop(0))
        before = read.parts[-1] if read.parts else None
        whole = continued(before, table) if isinstance(before, PageTable) else None
        if whole:
            read.parts[-1] = whole
        else:
            read.parts.append(table)
    for line in lines:
        read.add_line(line)


def _finished(read: _Read) -> Extraction:
    common = measure([line for part in read.parts if isinstance(part, list) for line in part])
    blocks: list[Block] = []
    for part in read.parts:
        if isinstance(part, PageTable):
            cell = part.rows[0][0].origin
            origin = replace(cell, row=None, column=None, box=rounded(part.box))
            found = read_table(part.rows, origin, len(blocks))
            blocks += found.blocks
            read.set_aside += found.set_aside
            read.questions += found.questions
            read.questions += [_row_over_pages(place) for place in part.doubtful]
            continue
        at = 0
        for lost in lost_tables([line.line for line in part]):
            _add_lines(part[at : lost.start], common, blocks, read)
            read.tables += 1
            place = replace(lost.rows[0][0].origin, column=None, table=read.tables)
            unruled = read_table(lost.rows, place, len(blocks))
            blocks += unruled.blocks
            read.set_aside += unruled.set_aside
            read.questions += unruled.questions
            at = lost.end
        _add_lines(part[at:], common, blocks, read)
    read.questions += _about_images(read.images)
    return Extraction("pdf", tuple(blocks), tuple(read.set_aside), tuple(read.questions))


def _add_lines(
    lines: Sequence[PageLine], common: Measure, blocks: list[Block], read: _Read
) -> None:
    paragraphs, questions = paragraphs_of(join_titles(grouped(lines, common)), len(blocks))
    blocks += paragraphs
    read.questions += questions


def _row_over_pages(place: Origin) -> IntakeQuestion:
    return IntakeQuestion(
        "row_over_pages",
        f"a row without a number at the top of page {place.page}",
        "whether it is the rest of the last row on the page before",
        None,
        place,
    )


def _move_to_origin(page: Page) -> None:
    """Count from the top left corner of the page, wherever its MediaBox begins."""
    left, top = page.bbox[:2]
    if (left, top) == (0, 0):
        return
    for thing in (each for things in page.objects.values() for each in things):
        thing |= {name: thing[name] - left for name in ("x0", "x1")}
        thing |= {name: thing[name] - top for name in ("top", "bottom")}
        if "pts" in thing:
            thing["pts"] = [(x - left, y - top) for x, y in thing["pts"]]
    page.bbox = page.mediabox = (0, 0, page.width, page.height)


def _glyphs(page: Page, aside: list[SetAside]) -> Iterator[Glyph]:
    """The characters that a reader of the page sees; what is turned or white is set aside."""
    unseen: dict[str, list[str]] = {}
    fills = [rect for rect in page.rects if rect.get("fill") and not _is_white(rect)]
    for char in page.dedupe_chars(tolerance=1).chars:
        middle = (char["x0"] + char["x1"]) / 2
        # The box of a character is wrong in some fonts; the origin of its matrix is its baseline.
        baseline = char["bottom"] - (char["matrix"][5] - char["y0"])
        if not (0 <= middle <= page.width and 0 <= baseline <= page.height):
            unseen.setdefault("outside the page", []).append(char["text"])
        elif not char["upright"]:
            unseen.setdefault("rotated text", []).append(char["text"])
        elif _is_white(char) and not any(_covers(rect, middle, baseline) for rect in fills):
            unseen.setdefault("white text", []).append(char["text"])
        else:
            text = "\ufffd" if UNNAMED.fullmatch(char["text"]) else char["text"]
            size = char["x1"] - char["x0"] if HAN.match(text) else char["size"]
            yield Glyph(text, char["x0"], char["x1"], baseline, float(size) or 1.0)
    for rule, texts in unseen.items():
        if words := "".join(texts).strip():
            aside.append(SetAside(rule, words, Origin(page=page.page_number)))


def _is_white(thing: dict[str, Any]) -> bool:
    color = thing.get("non_stroking_color")
    return isinstance(color, list | tuple) and tuple(color) in WHITE


def _covers(rect: dict[str, Any], x: float, y: float) -> bool:
    return bool(rect["x0"] <= x <= rect["x1"] and rect["top"] <= y <= rect["bottom"])


def _tables(page: Page, glyphs: Sequence[Glyph], read: _Read) -> list[PageTable]:
    """The ruled tables of a page."""
    if not (page.lines or page.rects or page.curves):
        return []
    tables = []
    edges = missing_edges(page, glyphs)
    for found in page.find_tables({"explicit_vertical_lines": edges} if edges else {}):
        table = page_table(list(found.cells), glyphs, page.page_number, read.tables + 1)
        if table:
            read.tables += 1
            tables.append(table)
    return tables


def _look_at_pictures(page: Page, glyphs: int, read: _Read) -> None:
    """A large picture may hold words, and the text over a scan was guessed by a program."""
    area = float(page.width * page.height)
    for image in page.images:
        box = (image["x0"], image["top"], image["x1"], image["bottom"])
        share = max(0.0, (box[2] - box[0]) * (box[3] - box[1])) / area
        origin = Origin(page=page.page_number, box=rounded(box))
        if share >= LARGE_PICTURE:
            what = "without text" if glyphs < FEWEST_GLYPHS else "beside or under the text"
            read.images.setdefault(what, []).append(origin)
        elif share >= SMALL_PICTURE:
            read.set_aside.append(SetAside("small image", f"{share:.0%} of the page", origin))


def _annotations(page: Page) -> Iterator[SetAside]:
    """What somebody noted on a page is no part of it."""
    for note in page.annots:
        if words := str(note.get("contents") or "").strip():
            yield SetAside("annotation", words, Origin(page=page.page_number))


def _about_images(images: dict[str, list[Origin]]) -> Iterator[IntakeQuestion]:
    """One question for all pages of a kind: a scan with a text layer has an image on each."""
    for what, places in images.items():
        pages = ", ".join(str(page) for page in dict.fromkeys(place.page for place in places))
        expected = "what the images say, where they hold words of the notice"
        found = f"large images {what}, page {pages}"
        yield IntakeQuestion("image", found, expected, None, places[0])
