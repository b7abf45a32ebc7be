"""Where the words of a plan stand in the PDF that it came in: pages, lines with their boxes, pictures.

Reading adds and drops nothing but blanks and the marks of tables, so that text and file are the same
characters in the same order; where a person has changed the files since, only what agrees has a place.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from app.chinese.differences import differences
from seed.intake.blocks import Extraction, Origin, PageSize, Paragraph
from seed.intake.storing import read_images
from seed.reader.layout import FULL_WIDTH

ALIKE = str.maketrans(
    {**{wide: narrow for narrow, wide in FULL_WIDTH.items()}, "［": "[", "］": "]"}
)
MARKS_OF_TABLES = "|／"
NOWHERE = Origin()
BELOW = 0.12  # of its size, that a Chinese character stands below the baseline


class Line(NamedTuple):
    """A printed line or table cell: its span in the text, its page and its place there in points."""

    start: int
    end: int
    page: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class SourcePage:
    """A page of the PDF, and the part of the text that begins on it and ends where the next one begins."""

    number: int
    start: int
    end: int
    width: float
    height: float


@dataclass(frozen=True)
class SourcePages:
    """What is known of the pages that a plan came on; nothing for other files than PDF."""

    pages: tuple[SourcePage, ...] = ()
    lines: tuple[Line, ...] = ()
    images: Mapping[int, bytes] = field(default_factory=dict)


def source_pages(folder: Path, extraction: Extraction, text: str) -> SourcePages:
    """The pages of a plan's file, by the text that was read of it; the pictures that lie beside it."""
    if not extraction.pages:
        return SourcePages()
    lines = tuple(_lines(extraction, text))
    pages = _pages(extraction.pages, lines, len(text))
    return SourcePages(pages, lines, read_images(folder, extraction.pages))


def _lines(extraction: Extraction, text: str) -> Iterator[Line]:
    """The lines and cells in the order of the text, as far as they lie on their page."""
    places = _places(extraction, text)
    sizes = {page.number: page for page in extraction.pages}
    at = 0
    while at < len(places):
        position, origin = places[at]
        following = at
        while following < len(places) and places[following][1] == origin:
            following += 1
        at = following
        size = sizes.get(origin.page or 0)
        if size and (box := _within(origin, size)):
            yield Line(position, places[following - 1][0] + 1, size.number, *box)


def _within(origin: Origin, size: PageSize) -> tuple[float, float, float, float] | None:
    """Left, top, width and height of a place on its page; None if it lies beside it."""
    if origin.box is None:
        return None
    left, top, right, bottom = origin.box
    if origin.row is None:  # a line, which intake measures from its baseline upwards
        below = BELOW * (bottom - top)
        top, bottom = top + below, bottom + below
    left, top = max(left, 0.0), max(top, 0.0)
    right, bottom = min(right, size.width), min(bottom, size.height)
    if left >= right or top >= bottom:
        return None
    return round(left, 1), round(top, 1), round(right - left, 1), round(bottom - top, 1)


def _places(extraction: Extraction, text: str) -> list[tuple[int, Origin]]:
    """The position of each printed character of the text, and where it stands in the file."""
    printed = [pair for pair in _characters(extraction) if _counts(pair[0])]
    read = [position for position, character in enumerate(text) if _counts(character)]
    a = "".join(character for character, _ in printed).translate(ALIKE)
    b = "".join(text[position] for position in read).translate(ALIKE)
    if a == b:
        return [(at, origin) for at, (_, origin) in zip(read, printed, strict=True)]
    found = dict.fromkeys(read, NOWHERE)
    for part in differences(a, b):
        if part.operation == "equal":
            for in_a, in_b in zip(range(*part.a), range(*part.b), strict=True):
                found[read[in_b]] = printed[in_a][1]
    return [*found.items()]


def _counts(character: str) -> bool:
    return not character.isspace() and character not in MARKS_OF_TABLES


def _characters(extraction: Extraction) -> Iterator[tuple[str, Origin]]:
    """All characters of a file with their places; the names of columns have none of their own."""
    for block in extraction.blocks:
        if isinstance(block, Paragraph):
            for position, character in enumerate(block.text):
                yield character, block.origin_at(position)
            continue
        for character in "".join(block.columns):
            yield character, NOWHERE
        for cell in (cell for row in block.rows for cell in row if not cell.is_inherited):
            for position, character in enumerate(cell.text):
                yield character, cell.origin_at(position)


def _pages(sizes: Sequence[PageSize], lines: Sequence[Line], length: int) -> tuple[SourcePage, ...]:
    """The pages in order; together they are the whole text, and one without text of it is empty."""
    first = {line.page: line.start for line in reversed(lines)}
    found: list[SourcePage] = []
    end = length
    for size in reversed(sizes):
        start = 0 if size == sizes[0] else min(end, first.get(size.number, end))
        found.append(SourcePage(size.number, start, end, size.width, size.height))
        end = start
    return tuple(reversed(found))
