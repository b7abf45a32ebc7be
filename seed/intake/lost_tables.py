"""Tables that a copy printed without lines: rows of cells with blanks between them, or a cell a line.

Only what cannot be meant otherwise is a table again: columns that are named, rows numbered 1, 2, 3,
and in each as many cells as there are columns.  Anything else stays text, and the reader asks.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from seed.intake.blocks import Cell
from seed.intake.lines import SENTENCE_END, Line
from seed.intake.numbering import MARKER
from seed.intake.tables import LONGEST_NAME, NAMES, NUMBER_COLUMN, Row

SPACED_NAME = re.compile(r"(?<!\S)\S(?:[ \u3000]\S)+(?!\S)")  # 工 作 任 务
NUMBERED = re.compile(
    r"^(\d{1,3})[.．、]?[ \u3000]*(?=[^\d \u3000.．、])"
)  # 1建设平台: cleaning closed the gap
FEWEST_COLUMNS, MOST_COLUMNS = 3, 12
FEWEST_ROWS = 2


@dataclass(frozen=True)
class LostTable:
    """The rows of a table, the names of its columns first, and the lines that they stood on."""

    start: int
    end: int
    rows: tuple[Row, ...]


def lost_tables(lines: Sequence[Line]) -> Iterator[LostTable]:
    """The tables among lines, in their order."""
    end = 0
    for start, line in enumerate(lines):
        if start < end or not NUMBER_COLUMN.match(SPACED_NAME.sub(_closed, line.text)):
            continue
        if table := _rows_on_lines(lines, start) or _cells_on_lines(lines, start):
            yield table
            end = table.end


def _closed(spaced: re.Match[str]) -> str:
    return re.sub(r"\s", "", spaced[0])


def _are_names(texts: Sequence[str]) -> bool:
    return (
        FEWEST_COLUMNS <= len(texts) <= MOST_COLUMNS
        and NUMBER_COLUMN.fullmatch(texts[0]) is not None
        and all(len(text) <= LONGEST_NAME and NAMES.search(text) for text in texts)
    )


def _rows_on_lines(lines: Sequence[Line], start: int) -> LostTable | None:
    """序号 工作任务 责任单位, and a row a line below it."""
    names = SPACED_NAME.sub(_closed, lines[start].text).split()
    if not _are_names(names):
        return None
    rows = [_cells(names, [lines[start]] * len(names))]
    for at in range(start + 1, len(lines)):
        if not lines[at].text:
            continue
        words = NUMBERED.sub(r"\1 ", lines[at].text).split()
        if words[0].rstrip(".．、") != str(len(rows)):
            break
        if len(words) != len(names):
            return None
        rows.append(_cells(words, [lines[at]] * len(names)))
        end = at + 1
    return LostTable(start, end, tuple(rows)) if len(rows) > FEWEST_ROWS else None


def _cells_on_lines(lines: Sequence[Line], start: int) -> LostTable | None:
    """序号, 工作任务, 责任单位, each on a line of its own, and the cells of the rows below them."""
    filled = [at for at in range(start, len(lines)) if lines[at].text]
    width = 0
    while width < len(filled) and not lines[filled[width]].text.rstrip(".．、").isdigit():
        width += 1
        if width > MOST_COLUMNS:
            return None
    names = [SPACED_NAME.sub(_closed, lines[at].text) for at in filled[:width]]
    if not _are_names(names):
        return None
    rows = [_cells(names, [lines[at] for at in filled[:width]])]
    place = width
    while place + width <= len(filled):
        row = [lines[at] for at in filled[place : place + width]]
        if row[0].text.rstrip(".．、") != str(len(rows)):
            break
        rows.append(_cells([line.text for line in row], row))
        place += width
    rest = lines[filled[place]].text if place < len(filled) else ""
    # What follows must be no cell: the last row may have one more line.
    if len(rows) <= FEWEST_ROWS or not (
        rest.endswith(SENTENCE_END) or MARKER.match(rest) or not rest
    ):
        return None
    return LostTable(start, filled[place - 1] + 1, tuple(rows))


def _cells(texts: Sequence[str], lines: Sequence[Line]) -> Row:
    return tuple(
        Cell("" if text in ("/", "—", "-") else text, replace(line.origin, column=column))
        for column, (text, line) in enumerate(zip(texts, lines, strict=True), 1)
    )
