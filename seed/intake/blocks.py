"""What intake gives, whatever the format: blocks of text, each with where it came from.

No package beyond the standard library is needed to use these types.
"""

from dataclasses import dataclass

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Origin:
    """A place in the file as received; everything counts from 1, and None means "has none".

    `line` is a line of a text file, or of a PDF page; `paragraph` one of a DOCX or HTML body.
    `box` is left, top, right, bottom in points from the top left corner of the page.
    """

    page: int | None = None
    line: int | None = None
    box: Box | None = None
    paragraph: int | None = None
    sheet: str | None = None
    table: int | None = None
    row: int | None = None
    column: int | None = None


@dataclass(frozen=True)
class Piece:
    """From character `start` of a paragraph on, the text stands at `origin`."""

    start: int
    origin: Origin


def _origin_at(first: Origin, pieces: tuple[Piece, ...], position: int) -> Origin:
    found = first
    for piece in pieces:
        if piece.start > position:
            break
        found = piece.origin
    return found


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; one that was printed on several lines has a piece for each of them."""

    text: str
    origin: Origin
    pieces: tuple[Piece, ...] = ()

    def origin_at(self, position: int) -> Origin:
        """Where the character at `position` stands."""
        return _origin_at(self.origin, self.pieces, position)


@dataclass(frozen=True)
class Cell:
    """A table cell; `is_inherited` when its words are those of a merged cell it belongs to.

    `rest` is where the words go on that a page break parted from the first.
    """

    text: str
    origin: Origin
    is_inherited: bool = False
    rest: tuple[Piece, ...] = ()

    def origin_at(self, position: int) -> Origin:
        """Where the character at `position` stands."""
        return _origin_at(self.origin, self.rest, position)


@dataclass(frozen=True)
class Table:
    """A table with a name for each column; no row of it is a header."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    origin: Origin


Block = Paragraph | Table


@dataclass(frozen=True)
class SetAside:
    """Text of the file that is no part of the notice, with the rule that says so."""

    rule: str
    text: str
    origin: Origin


@dataclass(frozen=True)
class IntakeQuestion:
    """What the file itself leaves open.

    `block` is the index of the block concerned; `start` and `end` are characters of its text when
    it is a paragraph.  A proposal is what already stands in the text in place of `found`.
    """

    kind: str
    found: str
    expected: str
    proposal: str | None
    origin: Origin
    block: int | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class PageSize:
    """A page of a PDF that was read: its number in the file, and its size in points."""

    number: int
    width: float
    height: float


@dataclass(frozen=True)
class Extraction:
    """All that a file gives: blocks in reading order, what was set aside, and open questions."""

    format: str
    blocks: tuple[Block, ...]
    set_aside: tuple[SetAside, ...] = ()
    questions: tuple[IntakeQuestion, ...] = ()
    encoding: str | None = None
    pages: tuple[PageSize, ...] = ()  # of a PDF

    @property
    def text(self) -> str:
        """The paragraphs, one a line; tables have no place in it."""
        return "".join(f"{b.text}\n" for b in self.blocks if isinstance(b, Paragraph))
