"""The assignment clause: who does what, in brackets, on a line with a label, or in table cells.

（省公安厅、司法厅牵头，省财政厅配合） is groups of names, each closed by a role.
（责任单位：省经信厅、省科技厅） has the role before the names.  Words that are no name (按职责分工,
等, 结合实际) never become part of one; what is not understood is no clause, and the account asks.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from seed.reader.bodies import Bodies
from seed.reader.name_lists import BEHIND, STARTERS, Assignment, NameReader
from seed.reader.role_words import (
    FIRST_LEADS,
    LABEL,
    ROLE_OF,
    ROLE_TAIL,
    RULE_BRACKET,
    SAME_BELOW,
    TIME_CHUNK,
    TIME_FIRST,
    TIMES_ALONE,
)
from seed.reader.text import Span

EMPTY_CELL = re.compile(r"[/／\-—–－无 　]*")
SHORTEST_CLAUSE, LONGEST_CLAUSE = 4, 2000


@dataclass
class Clause:
    """A clause with its place, its words without brackets, and what it assigns."""

    text: str
    span: Span
    outer: Span  # with the brackets
    assignments: list[Assignment] = field(default_factory=list)
    sentences: list[Span] = field(default_factory=list)  # what stands behind: a rule, perhaps
    covers: Span = field(default_factory=lambda: Span(0, 0))
    rule: Span | None = None
    read: list[Span] = field(default_factory=list)  # further places whose words are part of it
    times: list[Span] = field(default_factory=list)  # until when, as the clause says
    same_below: Span | None = None  # 下同: what its last group says holds from there on


class ClauseReader(NameReader):
    """Reads clauses for one notice."""

    def __init__(self, text: str, bodies: Bodies, annexes: Sequence[int] = ()) -> None:
        super().__init__(text, bodies, annexes)
        self.same_below: Span | None = None

    def in_bracket(self, outer: Span, *, ends_sentence: bool) -> Clause | None:
        """The clause in a pair of brackets; None where there is none."""
        if outer.end - outer.start < SHORTEST_CLAUSE:
            return None
        return self.read(Span(outer.start + 1, outer.end - 1), outer, ends_sentence=ends_sentence)

    def read(self, span: Span, outer: Span, *, ends_sentence: bool) -> Clause | None:
        """The clause in a stretch of text."""
        if span.end - span.start > LONGEST_CLAUSE:
            return None
        first, *rest = self._sentences(span)
        while rest and LABEL.match(self.text, rest[0].start):
            first = Span(first.start, rest.pop(0).end)  # 牵头单位：A。完成时间：B。
        self.times, self.asides, self.same_below = [], [], None
        words = self.text[first.start : first.end]
        labels = self._labels(words)
        if labels:
            assignments = self._labelled(first, labels)
        else:
            grouped = self._grouped(first, ends_sentence=ends_sentence)
            if grouped is None:
                return None
            assignments = grouped
        if not assignments and not (self.times and span == outer):
            return None
        clause = Clause(self.text[span.start : span.end], span, outer, assignments)
        clause.sentences = [*(one for one in rest if one.end > one.start), *self.asides]
        clause.times, clause.same_below = self.times, self.same_below
        return clause

    def cell(self, cell: Span, role: str | None) -> Clause | None:
        """What a cell of a column says: names in its role, or with roles and labels of their own."""
        words = self.text[cell.start : cell.end]
        if EMPTY_CELL.fullmatch(words):
            return None
        self.times, self.asides, self.same_below = [], [], None
        labels = self._labels(words)
        first = cell.start + labels[0].start() if labels else cell.end
        before = self._trim(Span(cell.start, first), "，；、 。")
        assignments = self._listed(before, role) if before.end > before.start else []
        assignments += self._labelled(cell, labels) if labels else []
        if not assignments:
            return None
        return Clause(
            words, cell, cell, assignments, self.asides, times=self.times, same_below=self.same_below
        )  # fmt: skip

    def _labels(self, words: str) -> list[re.Match[str]]:
        """The labels in words, outside brackets; none inside a word."""
        return [
            label
            for label in LABEL.finditer(words)
            if self._depth(words, label.start()) == 0
            and (label.start() == 0 or words[label.start() - 1] in "，；、。 　")
        ]

    def _listed(self, span: Span, role: str | None) -> list[Assignment]:
        """Names with roles of their own, or else in the role of their label or column."""
        before = list(self.times), list(self.asides)
        found = self._grouped(span, ends_sentence=False, role=role)
        if found is None:
            self.times, self.asides = before
            found = self.names(span, role)
        return found

    def names(self, span: Span, role: str | None) -> list[Assignment]:
        """A list of names without role words, as a table cell has it."""
        if EMPTY_CELL.fullmatch(self.text[span.start : span.end]):
            return []
        return [
            one
            for part in self._parts(span, "，；,;")
            if not self._says_how(part)
            for one in self._names(part, role)
        ]

    def _sentences(self, span: Span) -> list[Span]:
        found, start = [], span.start
        for stop in self._stops(span, "。"):
            found.append(Span(start, stop))
            start = stop + 1
        found.append(Span(start, span.end))
        return found if found[0].end > found[0].start else found[1:] or [span]

    def _labelled(self, span: Span, labels: list[re.Match[str]]) -> list[Assignment]:
        found: list[Assignment] = []
        ends = [*(span.start + m.start() for m in labels[1:]), span.end]
        for label, end in zip(labels, ends, strict=True):
            role = next(name for name, words in label.groupdict().items() if words)
            part = Span(span.start + label.end(), end)
            if role == "time":
                due = self._trim(part, "，；、 。")
                if len(labels) == 1 and not TIMES_ALONE.fullmatch(self.text[due.start : due.end]):
                    return []  # steps with a time each: words of the task
                self.times.append(due)
            if role in ("time", "person"):
                continue
            part = self._trim(part, "，；、 。")
            own = one_role(label[0]) if role == "several" else role
            if own:
                found += self._listed(part, own)
            else:
                found += self._grouped(part, ends_sentence=True) or []
        return found

    def _grouped(
        self, span: Span, *, ends_sentence: bool, role: str | None = None
    ) -> list[Assignment] | None:
        """Groups of names closed by roles; None where the words are no such groups.

        Those that no word closes have the role of their label or column, if there is one.
        """
        groups: list[tuple[list[Span], str | None]] = []
        waiting: list[Span] = []
        for chunk in self._parts(span, "，；,;"):
            words = self.text[chunk.start : chunk.end]
            if TIME_CHUNK.fullmatch(words) or TIME_FIRST.fullmatch(words):
                self.times.append(chunk)
                continue
            if self._says_how(chunk):
                continue
            for names, own in self._roles(chunk):
                if names is not None:
                    waiting.append(names)
                if role and not own:
                    groups.append((waiting, role))  # 牵头单位：A，B配合: A leads
                    waiting = []
                elif own and waiting:
                    groups.append((waiting, own))
                    waiting = []
                elif own:
                    return None
        if waiting:
            is_list = bool(groups) or ends_sentence or self._has_role(waiting)
            if role is None and not (is_list and self._all_known(waiting)):
                return None
            groups.append((waiting, role))
        found: list[Assignment] = []
        for spans, own in groups:
            for names in spans:
                found += self._names(names, own)
        odd = [one.name for one in found if not self.bodies.is_plausible(one.name)]
        # What a label or column holds is asked about where it is no name.
        return found if role or all(map(self.bodies.misprint_of, odd)) else None

    def _says_how(self, part: Span) -> bool:
        """Whether a part names nobody and says how the clauses are to be read."""
        words = self.text[part.start : part.end]
        if SAME_BELOW.fullmatch(words):
            self.same_below = part
            return True
        return FIRST_LEADS.fullmatch(words) is not None

    def _roles(self, chunk: Span) -> Iterator[tuple[Span | None, str | None]]:
        """The names of a chunk and their role; 会同 sets those behind it apart, as support."""
        words = self.text[chunk.start : chunk.end]
        last = BEHIND.search(words)
        if last and RULE_BRACKET.search(last[0]) and ROLE_TAIL.search(words[: last.start()]):
            self.asides.append(Span(chunk.start + last.start() + 1, chunk.end - 1))
            words = words[: last.start()]  # 省公安厅牵头（下同）
        tail = ROLE_TAIL.search(words)
        role = None
        if tail and (named := next((r for r, p in ROLE_OF if p.search(tail[0])), None)):
            role = named
            words = words[: tail.start()]
        names = self._trim(Span(chunk.start, chunk.start + len(words)), " ")
        words = self.text[names.start : names.end]
        if with_ := re.search("会同|联合(?=.{3})(?!会|国|办|体|组)", words):
            before = Span(names.start, names.start + with_.start())
            behind = Span(names.start + with_.end(), names.end)
            if before.end > before.start:
                yield before, role
            yield behind, "support"
            return
        start = STARTERS.match(words)
        if start and not self.bodies.find(words):
            names = Span(names.start + start.end(), names.end)
        yield (names if names.end > names.start else None), role

    def _has_role(self, spans: list[Span]) -> bool:
        """Whether a name in a list has a role in brackets: 省公安厅（牵头）、省财政厅."""
        return any(self._bare(one).role for span in spans for one in self._pieces(span))

    def _all_known(self, spans: list[Span]) -> bool:
        """Whether a list without a role names bodies, and nothing else."""
        bare = [self._bare(one).span for span in spans for one in self._pieces(span)]
        pieces = [self.text[one.start : one.end] for one in bare]
        known = [bool(self.bodies.find(one) or self.bodies.by_rule(one)) for one in pieces]
        return any(known) and all(
            is_known or self.bodies.is_collective(one)
            for one, is_known in zip(pieces, known, strict=True)
        )


def one_role(label: str) -> str | None:
    """The role of a label that names several, where all are one: 参与、配合单位."""
    named = (
        {role for role, words in ROLE_OF if words.search(label)} if "分工" not in label else set()
    )
    return named.pop() if len(named) == 1 and "责任" not in label else None
