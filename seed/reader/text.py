"""The text of a notice as paragraphs and table rows, each with its place in the whole."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate


@dataclass(frozen=True, order=True)
class Span:
    """Code points of the text, end exclusive."""

    start: int
    end: int

    def __contains__(self, position: int) -> bool:
        return self.start <= position < self.end

    def overlaps(self, other: "Span") -> bool:
        """Whether the two share a character."""
        return self.start < other.end and other.start < self.end


class Spans:
    """Many spans, to find those that overlap another one without going through all."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._spans = sorted(spans)
        self._starts = [one.start for one in self._spans]
        self._reach = list(accumulate((one.end for one in self._spans), max))

    def overlapping(self, span: Span) -> list[Span]:
        """Those that share a character with a span, in their order."""
        first = bisect_right(self._reach, span.start)
        last = bisect_left(self._starts, span.end)
        return [one for one in self._spans[first:last] if one.overlaps(span)]


@dataclass(frozen=True)
class Line:
    """A paragraph as laid out: its words, and what it is where the layout already says so."""

    text: str
    set_aside: str | None = None
    columns: tuple[str, ...] | None = None  # of a table row
    cells: tuple[str, ...] | None = None
    inherited: tuple[bool, ...] = ()  # cells that stand in the row of a merged cell above


@dataclass(frozen=True)
class Paragraph:
    """A paragraph or table row in its place."""

    number: int
    span: Span
    text: str
    line: Line

    def cell(self, index: int) -> Span:
        """Where the words of a cell stand."""
        assert self.line.cells is not None
        shown = [
            "" if above else cell
            for cell, above in zip(self.line.cells, self.line.inherited, strict=True)
        ]
        start = self.span.start + 1 + sum(len(c) + 1 for c in shown[:index])
        return Span(start, start + len(shown[index]))


@dataclass
class Text:
    """The whole text; paragraphs are its lines."""

    text: str
    paragraphs: list[Paragraph] = field(default_factory=list)

    @classmethod
    def of(cls, lines: Iterable[Line]) -> "Text":
        """The lines one below the other."""
        paragraphs, parts, start = [], [], 0
        for number, line in enumerate(lines, 1):
            words = line.text
            paragraphs.append(Paragraph(number, Span(start, start + len(words)), words, line))
            parts.append(words)
            start += len(words) + 1
        return cls("\n".join(parts), paragraphs)

    def __getitem__(self, span: Span) -> str:
        return self.text[span.start : span.end]

    def line_of(self, position: int) -> int:
        """The number of the line at a place, from 1."""
        return self.text.count("\n", 0, position) + 1


def scope(text: str, annexes: Sequence[int], position: int) -> Span:
    """Where a rule at a position holds: in the annex that states it, or in the whole text."""
    start = max((one for one in annexes if one <= position), default=0)
    after = [one for one in annexes if one > position] if start else []
    return Span(start, min(after, default=len(text)))
