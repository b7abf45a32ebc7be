"""The open questions of a plan as text for a terminal."""

from collections.abc import Iterator, Sequence

from seed.questions.sheet import Asked, one_line
from seed.reader.reading import Reading


def listing(plan: str, reading: Reading, asked: Sequence[Asked]) -> Iterator[str]:
    """A line on what was read, then every question: its place, its words, what can be accepted."""
    targets = sum(1 for _ in reading.targets())
    yield f"{plan}: {len(reading.tasks)} tasks, {targets} targets, {len(asked)} questions"
    for one in asked:
        yield f"{one.number}. {one.kind}, {one.place}: {one.words}"
        yield f"   expected: {one.expected}"
        proposal = one.proposal
        entries = [proposal] if isinstance(proposal, str) else map(one_line, proposal)
        yield from (f"   proposed: {entry}" for entry in entries)
