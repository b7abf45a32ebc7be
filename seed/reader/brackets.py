"""Pairs of brackets in a text, full- and half-width."""

from collections.abc import Iterator

from seed.reader.text import Span

OPENING, CLOSING = "（〔(【［", "）〕)】］"


def brackets(text: str, span: Span) -> list[Span]:
    """The outermost pairs of brackets in a stretch; one that is left open ends with it."""
    found: list[Span] = []
    depth, start = 0, 0
    for position in range(span.start, span.end):
        if text[position] in OPENING:
            if depth == 0:
                start = position
            depth += 1
        elif text[position] in CLOSING and depth:
            depth -= 1
            if depth == 0:
                found.append(Span(start, position + 1))
    return found


def every_pair(text: str, span: Span) -> Iterator[Span]:
    """All pairs of brackets in a stretch, each also inside others."""
    waiting: list[int] = []
    for position in range(span.start, span.end):
        if text[position] in OPENING:
            waiting.append(position)
        elif text[position] in CLOSING and waiting:
            yield Span(waiting.pop(), position + 1)


def open_bracket(text: str, span: Span) -> int | None:
    """Where a bracket begins that nothing closes before the end of a stretch."""
    waiting: list[int] = []
    for position in range(span.start, span.end):
        if text[position] in OPENING:
            waiting.append(position)
        elif text[position] in CLOSING and waiting:
            waiting.pop()
    return waiting[0] if waiting else None
