"""Plain text → its paragraphs."""

from seed.intake.blocks import Extraction, Origin
from seed.intake.encodings import decode
from seed.intake.lines import (
    clean_line,
    join_titles,
    join_wrapped,
    paragraphs_of,
    without_page_numbers,
)


def read_text(data: bytes) -> Extraction:
    """The paragraphs of a text file, however its lines were broken or joined."""
    text, encoding = decode(data)
    lines = [
        clean_line(line, Origin(line=number))
        for number, line in enumerate(text.replace("\f", "\n").split("\n"), 1)
    ]
    lines, aside = without_page_numbers(lines)
    paragraphs, questions = paragraphs_of(join_titles(list(join_wrapped(lines))))
    return Extraction("text", tuple(paragraphs), tuple(aside), tuple(questions), encoding)
