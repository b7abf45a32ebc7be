"""Which question is the same one: a hash of its kind, its words and the paragraphs they stand in.

A decision carries this hash; where the words change there is another question, and it lapses.
"""

import hashlib
from collections.abc import Iterable

from seed.reader.name_lists import Assignment
from seed.reader.reading import Question, Reading
from seed.reader.text import Span

LENGTH = 16  # hexadecimal digits


def identify(question: Question, reading: Reading) -> str:
    """The hash of a question; a sign is about the paragraph before it, too.

    A question without a place is about the whole text.
    """
    above = 1 if question.kind.startswith("sign_") else 0
    return _hash(question.kind, question.text, reading, question.places, above)


def identify_name(name: str, reading: Reading) -> str:
    """The hash of what an unknown name means, in the paragraphs in which it has a part."""
    places = [one.span for one in assignments(reading) if one.agency is None and one.name == name]
    return _hash("body", name, reading, places)


def assignments(reading: Reading) -> list[Assignment]:
    """All assignments, by clauses and by rules of the document."""
    by_clause = [one for _, clause in reading.clauses() for one in clause.assignments]
    return by_clause + [one for task in reading.tasks for one in task.by_rule]


def _hash(kind: str, words: str, reading: Reading, places: Iterable[Span], above: int = 0) -> str:
    lines = {reading.text.line_of(place.start) for place in places}
    lines |= {line - above for line in lines if line > above}
    texts = [reading.text.paragraphs[line - 1].text for line in sorted(lines)]
    content = "\x1f".join([kind, words, *(texts or [reading.text.text])])
    return hashlib.sha256(content.encode()).hexdigest()[:LENGTH]
