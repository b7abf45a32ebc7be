"""CSV and its kin → a table with named columns."""

import csv
import io

from seed.intake.blocks import Block, Cell, Extraction, IntakeQuestion, Origin, SetAside
from seed.intake.encodings import decode
from seed.intake.tables import MOST_CELLS, Row, parted, read_table
from seed.refusals import NoticeRefusedError

DELIMITERS = ",\t;"
LONGEST_CELL = 100_000


def read_csv(data: bytes) -> Extraction:
    """The tables of a file of values between delimiters.

    Raises NoticeRefusedError for quotes that do not close, and for too many cells.
    """
    text, encoding = decode(data)
    rows = _rows(text)
    blocks: list[Block] = []
    aside: list[SetAside] = []
    questions: list[IntakeQuestion] = []
    for number, table in enumerate(parted(rows), 1):
        found = read_table(table, Origin(line=table[0][0].origin.line, table=number), len(blocks))
        blocks += found.blocks
        aside += found.set_aside
        questions += found.questions
    return Extraction("csv", tuple(blocks), tuple(aside), tuple(questions), encoding)


def _rows(text: str) -> list[Row]:
    """Rows of equal length, each with the line that it begins at."""
    beginning = "\n".join(text.split("\n", 10)[:10])
    delimiter = max(DELIMITERS, key=beginning.count)
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    found: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for values in reader:
            found.append((line, values))
            line = reader.line_num + 1
    except csv.Error as error:
        raise NoticeRefusedError(line, f"no CSV ({error})", "values in closed quotes") from None
    width = max(len(values) for _, values in found)
    if width * len(found) > MOST_CELLS:
        raise NoticeRefusedError(None, f"{width * len(found)} cells", f"at most {MOST_CELLS}")
    return [
        tuple(
            Cell(value, Origin(row=row, column=column, line=line))
            for column, value in enumerate([*values, *[""] * (width - len(values))], 1)
        )
        for row, (line, values) in enumerate(found, 1)
    ]
