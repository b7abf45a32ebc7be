"""Plain text → its paragraphs and tables."""

from collections.abc import Sequence

from seed.intake.blocks import Block, Extraction, IntakeQuestion, Origin
from seed.intake.encodings import decode
from seed.intake.lines import (
    Line,
    clean_line,
    join_titles,
    join_wrapped,
    paragraphs_of,
    without_page_numbers,
)
from seed.intake.lost_tables import lost_tables
from seed.intake.tables import read_table


def read_text(data: bytes) -> Extraction:
    """The paragraphs of a text file, however its lines were broken or joined."""
    text, encoding = decode(data)
    lines = [
        clean_line(line, Origin(line=number))
        for number, line in enumerate(text.replace("\f", "\n").split("\n"), 1)
    ]
    lines, aside = without_page_numbers(lines)
    blocks: list[Block] = []
    questions: list[IntakeQuestion] = []

    def add(part: Sequence[Line]) -> None:
        found, asked = paragraphs_of(join_titles(list(join_wrapped(part))), len(blocks))
        blocks.extend(found)
        questions.extend(asked)

    at = 0
    for number, lost in enumerate(lost_tables(lines), 1):
        add(lines[at : lost.start])
        place = Origin(line=lost.rows[0][0].origin.line, table=number)
        table = read_table(lost.rows, place, len(blocks))
        blocks += table.blocks
        aside += table.set_aside
        questions += table.questions
        at = lost.end
    add(lines[at:])
    return Extraction("text", tuple(blocks), tuple(aside), tuple(questions), encoding)
