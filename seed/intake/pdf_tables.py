"""The ruled tables of PDF pages → rows of cells, over page breaks, with merged cells."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from seed.intake.blocks import Box, Cell, Origin, Piece
from seed.intake.lines import SENTENCE_END
from seed.intake.pdf_lines import Glyph, lines_of, rounded
from seed.intake.tables import NUMBER_COLUMN, Row

NEAR = 3.0  # points between edges that are one


@dataclass(frozen=True)
class PageTable:
    """A table on a page: its place, the edges of its columns, and its rows unchanged.

    `doubtful` are the places of rows that may be the rest of the row on the page before.
    """

    box: Box
    edges: tuple[float, ...]
    rows: tuple[Row, ...]
    doubtful: tuple[Origin, ...] = ()


def page_table(
    boxes: Sequence[Box], glyphs: Sequence[Glyph], page: int, number: int
) -> PageTable | None:
    """The table that the boxes of cells make; None for a frame around text."""
    across = _edges([box[0] for box in boxes] + [box[2] for box in boxes])
    down = _edges([box[1] for box in boxes] + [box[3] for box in boxes])
    columns, rows = len(across) - 1, len(down) - 1
    if columns < 2 or rows < 1:
        return None
    grid: list[list[Cell]] = [
        [Cell("", Origin(page=page, table=number, row=r + 1, column=c + 1)) for c in range(columns)]
        for r in range(rows)
    ]
    for box in boxes:
        first_column, last_column = _place(across, box[0]), _place(across, box[2])
        first_row, last_row = _place(down, box[1]), _place(down, box[3])
        text = _cell_text(box, glyphs)
        for row in range(first_row, last_row):
            for column in range(first_column, last_column):
                origin = replace(grid[row][column].origin, box=rounded(box))
                grid[row][column] = Cell(
                    text, origin, bool(text) and (row, column) != (first_row, first_column)
                )
    whole = (across[0], down[0], across[-1], down[-1])
    return PageTable(whole, tuple(across), tuple(tuple(row) for row in grid))


def _edges(values: Sequence[float]) -> list[float]:
    edges: list[float] = []
    for value in sorted(values):
        if not edges or value - edges[-1] > NEAR:
            edges.append(value)
    return edges


def _place(edges: Sequence[float], value: float) -> int:
    return min(range(len(edges)), key=lambda place: abs(edges[place] - value))


def inside(box: Box, glyph: Glyph) -> bool:
    """Whether a character stands in a box, by its middle."""
    x, y = (glyph.left + glyph.right) / 2, glyph.baseline - 0.4 * glyph.size
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _cell_text(box: Box, glyphs: Sequence[Glyph]) -> str:
    """The words of a cell; a line that ends a sentence before the cell's edge ends a paragraph."""
    lines = lines_of([glyph for glyph in glyphs if inside(box, glyph)], 0, 0.0, 0.0)
    text = ""
    for before, line in pairwise([None, *lines]):
        assert line
        if before and before.line.text.endswith(SENTENCE_END):
            is_short = before.box[2] < box[2] - 2 * before.size
            text += "\n" if is_short else ""
        elif before and before.line.text[-1:].isascii() and line.line.text[:1].isalpha():
            text += " " if line.line.text[:1].isascii() and before.line.text[-1:].isalpha() else ""
        text += line.line.text
    return text


def continued(first: PageTable, second: PageTable) -> PageTable | None:
    """One table of two that a page break parted; None where their columns differ.

    A row that only one side of the break gives a number is the rest of the row before it where
    that one stops in mid-sentence; where it does not, somebody must say.
    """
    if len(first.edges) != len(second.edges) or any(
        abs(a - b) > 2 * NEAR for a, b in zip(first.edges, second.edges, strict=True)
    ):
        return None
    texts = {tuple(cell.text for cell in row) for row in first.rows[:3]}
    repeated = [row for row in second.rows[:3] if tuple(c.text for c in row) in texts]
    rest = list(second.rows[len(repeated) :])
    rows = list(first.rows)
    doubtful = first.doubtful
    numbered = any(NUMBER_COLUMN.fullmatch(row[0].text) for row in first.rows[:3])
    if numbered and rest and _is_numbered(rows[-1]) != _is_numbered(rest[0]):
        if any(cell.text.endswith(SENTENCE_END) for cell in rows[-1]):
            doubtful = (*doubtful, rest[0][0].origin)
        else:
            rows[-1] = tuple(
                _joined(cell, more) if not cell.is_inherited else cell
                for cell, more in zip(rows[-1], rest.pop(0), strict=True)
            )
    return PageTable(first.box, first.edges, (*rows, *repeated, *rest), doubtful)


def _joined(cell: Cell, more: Cell) -> Cell:
    rest = (Piece(len(cell.text), more.origin), *more.rest) if more.text else ()
    return replace(cell, text=cell.text + more.text, rest=(*cell.rest, *rest))


def _is_numbered(row: Row) -> bool:
    return row[0].text.strip(".．、").isdigit()
