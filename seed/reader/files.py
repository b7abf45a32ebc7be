"""A file of any kind that intake knows → its reading, without storing anything."""

from pathlib import Path

from seed.editorial import Editorial
from seed.intake.blocks import Extraction, IntakeQuestion, Paragraph
from seed.intake.bounded import extract_bounded
from seed.intake.encodings import decode
from seed.intake.formats import MOST_BYTES
from seed.intake.storing import read_paragraphs
from seed.reader.bodies import Bodies
from seed.reader.layout import paragraphs_of
from seed.reader.questions import group
from seed.reader.read import read
from seed.reader.reading import Question, Reading
from seed.reader.text import Span
from seed.refusals import NoticeRefusedError
from seed.restore import Restored, restore
from seed.restore import decode as utf8
from seed.safe_files import read_bytes, read_received

LONGEST_LINE = 100_000  # of a copy that may be damaged; most one-line copies have 15,000
DAMAGE = {"pinyin", "shifted_run", "comma"}


def read_file(path: Path, bodies: Bodies, editorial: Editorial | None = None) -> Reading:
    """Read a file.

    Raises NoticeRefusedError where it is no notice, or of a kind that intake does not know.
    """
    data = read_received(path, MOST_BYTES)
    return reading_of(extracted(path.name, data, editorial), bodies, editorial)


def reading_of(extraction: Extraction, bodies: Bodies, editorial: Editorial | None) -> Reading:
    """The reading of what intake gave, with the questions of both."""
    reading = read(extraction.blocks, bodies, editorial)
    asked = [_question(reading, extraction, one) for one in extraction.questions]
    reading.questions = group([*asked, *reading.questions])
    return reading


def extracted(name: str, data: bytes, editorial: Editorial | None = None) -> Extraction:
    """The blocks of a file; a text that was damaged in the known way is restored first."""
    extraction = extract_bounded(data, name)
    if extraction.format == "text" and (restored := _restored(data, editorial)):
        return _blocks(restored, extraction.encoding)
    return extraction


def stored(folder: Path, editorial: Editorial) -> tuple[Extraction, Restored | None]:
    """What intake stored of a plan's file, and the text that was restored where a copy is damaged.

    A text that a person put there as `raw.txt` is restored always.
    Raises NoticeRefusedError where there is neither.
    """
    raw = folder / "raw.txt"
    if not (folder / "paragraphs.yaml").exists():
        if not raw.exists():
            raise NoticeRefusedError(None, f"no notice in {folder.name}", "seed intake FILE first")
        restored = restore(utf8(read_bytes(raw, MOST_BYTES)), editorial.lost)
        return _blocks(restored), restored
    extraction = read_paragraphs(folder)
    if extraction.format == "text" and raw.exists():
        damaged = _restored(read_bytes(raw, MOST_BYTES), editorial)
        if damaged:
            return _blocks(damaged, extraction.encoding), damaged
    return extraction, None


def _restored(data: bytes, editorial: Editorial | None) -> Restored | None:
    """The restored text of a damaged copy; None where nothing known damaged it."""
    text, _ = decode(data)
    if max(map(len, text.split("\n"))) > LONGEST_LINE:
        return None  # no notice, and the reader will say so
    try:
        restored = restore(text, editorial.lost if editorial else ())
    except NoticeRefusedError:
        if editorial:
            raise
        return None
    return restored if {str(one.kind) for one in restored.corrections} & DAMAGE else None


def _blocks(restored: Restored, encoding: str | None = None) -> Extraction:
    return Extraction("text", tuple(paragraphs_of(restored.text)), encoding=encoding)


def _question(reading: Reading, extraction: Extraction, asked: IntakeQuestion) -> Question:
    """A question of intake at its place in the text that was read."""
    span = None
    block = extraction.blocks[asked.block] if asked.block is not None else None
    if isinstance(block, Paragraph):
        start = reading.text.text.find(block.text)
        if start >= 0:
            span = Span(start + (asked.start or 0), start + (asked.end or len(block.text)))
    return Question(asked.kind, asked.found, span, asked.expected, asked.proposal)
