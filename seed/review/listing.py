"""The open questions of a plan as text for a terminal."""

from collections.abc import Iterator

from seed.intake.blocks import Extraction
from seed.reader.reading import Reading
from seed.review.places import places_of, visible


def listing(plan: str, reading: Reading, extraction: Extraction) -> Iterator[str]:
    """A line on what was read, then every question: its place, its words, what to say."""
    targets = sum(1 for _ in reading.targets())
    yield (
        f"{plan}: {len(reading.tasks)} tasks, {targets} targets, {len(reading.questions)} questions"
    )
    places = places_of(reading, extraction)
    for number, question in enumerate(reading.questions, 1):
        where = "the whole notice"
        if question.span:
            line = reading.text.line_of(question.span.start)
            where = f"paragraph {line} ({places[line]})" if line in places else f"paragraph {line}"
        yield f"{number}. {question.kind}, {where}: {visible(question, reading)}"
        yield f"   expected: {question.expected}"
        for proposal in (question.proposal or "").splitlines():
            yield f"   proposed: {proposal}"
