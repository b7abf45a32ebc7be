"""Roles in running prose, without brackets or a label: read where a sentence says nothing else.

省经信厅牵头，省财政厅配合。 is a clause.  Of any other sentence in which a body leads, answers for
or supports something, a person says what it assigns.
"""

import re
from collections.abc import Iterator, Sequence

from seed.reader.bodies import DEPARTMENT, PARTY, Bodies
from seed.reader.brackets import brackets
from seed.reader.clauses import Clause, ClauseReader
from seed.reader.text import Span, Spans

ROLE = re.compile(
    "牵头(?!人)|(?<!全面)(?<!自行)负责(?!人|同志|制|任|解释|审批)|会同|配合(?!度)|主办(?!方|单位)|承办(?!方|单位)"
)
BY = re.compile("由[^，。；：（）]{2,60}$")
SOME = re.compile(
    "(?:有关|相关|各|等|主管|责任|行业|成员|职能)(?:部门|单位)$|(?:部门|厅|局|委|政府|管委会|公司)[^，。；]{0,16}$"
)
PERSON = re.compile("(?:[省市县区州]长|常委|书记|主任|同志|领导)$")  # 李某副市长牵头重点工作
LONGEST_SENTENCE = 200
STOPS = "。；\n"


def sentence_clauses(
    text: str, span: Span, taken: Sequence[Span], reader: ClauseReader
) -> Iterator[Clause]:
    """The sentences of a stretch that only say who does it."""
    covered = Spans(taken)
    for sentence in _sentences(text, span):
        words = text[sentence.start : sentence.end]
        if len(words) > LONGEST_SENTENCE or not ROLE.search(words):
            continue
        if covered.overlapping(sentence):
            continue
        clause = reader.read(sentence, sentence, ends_sentence=False)
        if clause and _is_sure(clause, reader.bodies):
            yield clause


def _is_sure(clause: Clause, bodies: Bodies) -> bool:
    """Whether each name is one of a body, and each body has a role."""
    names = [one.name for one in clause.assignments]
    return (
        all(one.role for one in clause.assignments)
        and all(bodies.find(n) or bodies.by_rule(n) or bodies.is_collective(n) for n in names)
        and not all(bodies.is_collective(n) for n in names)
    )


def unread_roles(text: str, span: Span, names: Sequence[str]) -> Iterator[Span]:
    """The parts of a stretch in which a body has a role; `names` are those that are known."""
    bracketed = Spans(brackets(text, span))
    for part in _sentences(text, span):
        around = bracketed.overlapping(part)
        if any(one.start <= part.start and part.end <= one.end for one in around):
            continue  # asked about as a bracket
        words = text[part.start : part.end]
        for role in ROLE.finditer(words):
            before = words[: role.start()]
            last = re.split("[，：]", before)[-1]
            if PERSON.search(last):
                continue
            named = (
                BY.search(last)
                or SOME.search(last)
                or DEPARTMENT.search(last)
                or PARTY.search(last)
                or any(name in last for name in names if len(name) > 2)
            )
            if named:
                yield part
                break


def _sentences(text: str, span: Span) -> Iterator[Span]:
    start = span.start
    for position in range(span.start, span.end + 1):
        if position == span.end or text[position] in STOPS:
            if position > start:
                yield Span(start, position)
            start = position + 1
