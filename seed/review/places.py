"""Where in the file the words of a reading stand, and how they are shown to a person."""

from dataclasses import replace

from seed.intake.blocks import Extraction, Paragraph, Table
from seed.intake.stored import place_of
from seed.reader.reading import Question, Reading

MOST_SKIPPED = 50  # blocks between two paragraphs, before one is not looked for any longer


def places_of(reading: Reading, extraction: Extraction) -> dict[int, str]:
    """Where each paragraph and table row stands in the file: they follow the blocks in order."""
    found: dict[int, str] = {}
    paragraphs = [block for block in extraction.blocks if isinstance(block, Paragraph)]
    rows = [row for block in extraction.blocks if isinstance(block, Table) for row in block.rows]
    next_row = iter(rows)
    position = 0
    for line in reading.text.paragraphs:
        origin = None
        if line.line.cells is not None:
            row = next(next_row, None)
            origin = replace(row[0].origin, column=None) if row else None
        elif line.text:
            for ahead in range(position, min(position + MOST_SKIPPED, len(paragraphs))):
                start = paragraphs[ahead].text.find(line.text)
                if start >= 0:
                    origin = paragraphs[ahead].origin_at(start)
                    position = ahead
                    break
        if origin:
            found[line.number] = place_of(replace(origin, box=None))
    return found


def visible(question: Question, reading: Reading) -> str:
    """The words asked about; a glyph that no font shows, with the words around it."""
    if question.text.strip() and question.text[:1] not in "\ufffd" and len(question.text) > 1:
        return question.text
    if question.span is None:
        return repr(question.text)
    text, span = reading.text.text, question.span
    words = text[max(0, span.start - 8) : span.end + 8].replace("\n", " ")
    return f"U+{ord(question.text[:1] or ' '):04X}, …{words}…"
