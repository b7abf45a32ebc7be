"""Which words of a text were read as what: spans that may overlap → stretches that do not."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from seed.reader.reading import Question, Reading
from seed.reader.text import Paragraph, Span

SILENT_RULES = frozenset({"label"})  # what a number at a heading is needs no mark


@dataclass(frozen=True)
class Mark:
    """A stretch of text with what it was read as; `question` is the number of an open question."""

    span: Span
    kind: str
    note: str = ""
    question: int | None = None


@dataclass(frozen=True)
class Stretch:
    """Words with all marks that cover them."""

    text: str
    marks: tuple[Mark, ...]


def marks_of(reading: Reading, numbers: Sequence[int]) -> list[Mark]:
    """Everything that was read, explained or asked about, and the paragraphs that nothing was."""
    marks = [Mark(p.span, "unread", "no part of the plan") for p in unread(reading)]
    for owner in reading.owners():
        part = owner.part
        if part and part.marker:
            start = part.paragraph.span.start
            marks.append(Mark(Span(start, start + part.marker.length), "label"))
    for _, clause in reading.clauses():
        marks.append(Mark(clause.outer, "clause", "assignment clause"))
        marks += [
            Mark(one.span, "name", f"{one.role or 'no role'}: {one.agency or 'not registered'}")
            for one in clause.assignments
        ]
    for _, target in reading.targets():
        marks.append(Mark(target.span, "target", target.metric))
        marks += [Mark(time, "time", "when") for time in target.times]
        if target.figure:
            marks.append(Mark(target.figure, "figure", target.comparator or ""))
    marks += [
        Mark(one.span, "explained", one.rule)
        for one in reading.explained
        if one.rule not in SILENT_RULES
    ]
    marks += [
        Mark(question.span, "asked", question.expected, number)
        for number, question in zip(numbers, reading.questions, strict=True)
        if question.span
    ]
    return marks


def unread(reading: Reading) -> list[Paragraph]:
    """Paragraphs that are no part of the frame, of a section or of a task, and are not set aside."""
    taken = {paragraph.number for paragraph, _ in reading.frame.kinds}
    taken |= {paragraph.number for paragraph in reading.outline.contents}
    for outline in (reading.outline, *reading.outline.annexes):
        taken |= {paragraph.number for paragraph, _ in outline.set_aside}
        taken |= {paragraph.number for part in outline.walk() for paragraph in part.own}
        taken |= {paragraph.number for table in outline.tables for paragraph in table}
        if outline.annex:
            taken |= {paragraph.number for paragraph in outline.front}
    return [p for p in reading.text.paragraphs if p.number not in taken and p.text.strip()]


def stretches(text: str, within: Span, marks: Sequence[Mark]) -> Iterator[Stretch]:
    """A paragraph in stretches, each with its marks; together they are the paragraph."""
    here = [mark for mark in marks if mark.span.overlaps(within)]
    cuts = {within.start, within.end}
    for mark in here:
        cuts |= {max(mark.span.start, within.start), min(mark.span.end, within.end)}
    places = sorted(cuts)
    for start, end in pairwise(places):
        covering = tuple(m for m in here if m.span.start <= start and end <= m.span.end)
        yield Stretch(text[start:end], covering)


def in_paragraph(
    questions: Iterable[tuple[int, Question]], span: Span
) -> list[tuple[int, Question]]:
    """The questions that begin in a paragraph."""
    return [(n, q) for n, q in questions if q.span and span.start <= q.span.start <= span.end]
