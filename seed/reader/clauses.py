"""The assignment clause: who does what, in brackets, on a line with a label, or in table cells.

（省公安厅、司法厅牵头，省财政厅配合） is groups of names, each closed by a role.
（责任单位：省经信厅、省科技厅） has the role before the names.  Words that are no name (按职责分工,
等, 结合实际) never become part of one; what is not understood is no clause, and the account asks.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from seed.reader.bodies import Bodies, prefixes_of
from seed.reader.role_words import (
    FIRST_LEADS,
    LABEL,
    ROLE_OF,
    ROLE_TAIL,
    SAME_BELOW,
    TIME_CHUNK,
    TIME_FIRST,
    TIMES_ALONE,
)
from seed.reader.text import Span

JOINERS = re.compile(r"以及|[、和与及暨]")
SUCH_AS = re.compile(
    r"等(?:(?:\d+|[一二三四五六七八九十]+)(?:个|家)?)?(?P<whom>(?:国务院|中央|省级|省直|省|市级|市直|市|县级)?(?:各|有关|相关|成员|责任)*"
    r"(?:部门|单位|地区|地方|市|县|区|机构|企业|高校|政府)*)"
)
STARTERS = re.compile("^(?:由|请|以及|并由|会同|联合|和|及|与)")
GOVERNMENT = ("政府", "人民政府", "管委会")
DISTRICT = re.compile("[\u4e00-\u9fff]{1,6}[区县市旗](政府|人民政府|管委会)")
DISTRICT_ALONE = re.compile("(?!各|有关|相关)[\u4e00-\u9fff]{1,6}[区县市旗]")
EMPTY_CELL = re.compile(r"[/／\-—–－无 　]*")
LONGEST_CLAUSE = 2000
OPENING, CLOSING = "（〔(【［", "）〕)】］"


@dataclass(frozen=True)
class Assignment:
    """Who does what: the words as printed, the name written out, and the body that is meant."""

    name: str
    agency: str | None
    role: str | None
    as_written: str
    span: Span
    prefix: str | None = None
    rule: Span | None = None  # the sentence of the document on which the role, or all, rests


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
    read: tuple[Span, ...] = ()  # further places whose words are part of it
    times: list[Span] = field(default_factory=list)  # until when, as the clause says
    same_below: Span | None = None  # 下同: what its last group says holds from there on


class ClauseReader:
    """Reads clauses for one notice."""

    def __init__(self, text: str, bodies: Bodies) -> None:
        self.text = text
        self.bodies = bodies
        self.times: list[Span] = []  # of the clause that is being read
        self.same_below: Span | None = None

    def in_bracket(self, outer: Span, *, ends_sentence: bool) -> Clause | None:
        """The clause in a pair of brackets; None where there is none."""
        return self.read(Span(outer.start + 1, outer.end - 1), outer, ends_sentence=ends_sentence)

    def read(self, span: Span, outer: Span, *, ends_sentence: bool) -> Clause | None:
        """The clause in a stretch of text."""
        if span.end - span.start > LONGEST_CLAUSE:
            return None
        first, *rest = self._sentences(span)
        while rest and LABEL.match(self.text, rest[0].start):
            first = Span(first.start, rest.pop(0).end)  # 牵头单位：A。完成时间：B。
        self.times, self.same_below = [], None
        words = self.text[first.start : first.end]
        labels = [m for m in LABEL.finditer(words) if self._depth(words, m.start()) == 0]
        if labels and (labels[0].start() == 0 or words[labels[0].start() - 1] in "，；、 "):
            assignments = self._labelled(first, labels)
        else:
            grouped = self._grouped(first, ends_sentence=ends_sentence)
            if grouped is None:
                return None
            assignments = grouped
        if not assignments and not (self.times and span == outer):
            return None
        clause = Clause(self.text[span.start : span.end], span, outer, assignments)
        clause.sentences = [one for one in rest if one.end > one.start]
        clause.times, clause.same_below = self.times, self.same_below
        return clause

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
            inner = self._grouped(part, ends_sentence=False)
            if inner is not None and any(one.role for one in inner):
                found += [Assignment(**{**one.__dict__, "role": one.role or role}) for one in inner]
            else:
                found += self.names(self._trim(part, "，；、 。"), role)
        return found

    def _grouped(self, span: Span, *, ends_sentence: bool) -> list[Assignment] | None:
        """Groups of names closed by roles; None where the words are no such groups."""
        groups: list[tuple[list[Span], str | None]] = []
        waiting: list[Span] = []
        for chunk in self._parts(span, "，；,;"):
            words = self.text[chunk.start : chunk.end]
            if TIME_CHUNK.fullmatch(words) or TIME_FIRST.fullmatch(words):
                self.times.append(chunk)
                continue
            if self._says_how(chunk):
                continue
            for names, role in self._roles(chunk):
                if names is not None:
                    waiting.append(names)
                if role and waiting:
                    groups.append((waiting, role))
                    waiting = []
                elif role:
                    return None
        if waiting and groups:
            if not self._all_known(waiting):
                return None
            groups.append((waiting, None))
        elif waiting:
            if not ends_sentence or not self._all_known(waiting):
                return None
            groups.append((waiting, None))
        found: list[Assignment] = []
        for spans, role in groups:
            for names in spans:
                found += self._names(names, role)
        if any(not self.bodies.is_plausible(one.name) for one in found):
            return None
        return found

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
        tail = ROLE_TAIL.search(words)
        role = None
        if tail and (named := next((r for r, p in ROLE_OF if p.search(tail[0])), None)):
            role = named
            words = words[: tail.start()]
        names = self._trim(Span(chunk.start, chunk.start + len(words)), " ")
        words = self.text[names.start : names.end]
        if with_ := re.search("会同|联合(?=.{3})", words):
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

    def _all_known(self, spans: list[Span]) -> bool:
        """Whether a list without a role names bodies, and nothing else."""
        pieces = [self.text[one.start : one.end] for span in spans for one in self._pieces(span)]
        known = [bool(self.bodies.find(one) or self.bodies.by_rule(one)) for one in pieces]
        return any(known) and all(
            is_known or self.bodies.is_collective(one)
            for one, is_known in zip(pieces, known, strict=True)
        )

    def _names(self, span: Span, role: str | None) -> list[Assignment]:
        """The names of a list, each with the prefix that 、 hands on to it."""
        found: list[Assignment] = []
        prefixes: tuple[str, ...] = ()
        pieces = self._pieces(span)
        tail = self._shared_tail(pieces)
        for piece in pieces:
            as_written = self.text[piece.start : piece.end]
            if tail and piece is not pieces[-1] and self._is_place(as_written):
                name, prefix = as_written.removesuffix("市") + tail, None
            elif tail in GOVERNMENT and piece is not pieces[-1]:
                name, prefix = as_written + tail, None
            else:
                name, prefix = self.bodies.written_out(as_written, prefixes)
            prefixes = prefixes_of(name) or prefixes
            body = self.bodies.find(name)
            found.append(
                Assignment(name, body.id if body else None, role, as_written, piece, prefix)
            )
        return found

    def _pieces(self, span: Span) -> list[Span]:
        """The names of a list, without what only joins them."""
        found: list[Span] = []
        for part in self._merged(self._parts(span, "、")):
            found += self._joined(part)
        return [one for one in found if one.end > one.start]

    def _merged(self, parts: list[Span]) -> list[Span]:
        """各市、县（市、区）政府 is one body, though 、 stands in it."""
        found: list[Span] = []
        for part in parts:
            words = self.text[part.start : part.end]
            before = self.text[found[-1].start : found[-1].end] if found else ""
            if (
                re.fullmatch(
                    "(?:各|有关|相关|试点|所在)(?:地级以上|设区)?(?:省|市|州|自治区|省辖市|地|区|县)",
                    before,
                )
                and re.match("(?:各|有关|相关)?(?:县|区|市|直辖市|自治区|自治州)", words)
                and not re.match("市(?:直|级|有关|属)", words)
                and re.search("政府|党委|管委会|部门|单位|县|区|）$|〕$", words)
            ):
                found[-1] = Span(found[-1].start, part.end)
            else:
                found.append(part)
        return found

    def _joined(self, part: Span) -> list[Span]:
        part = self._trim(part, " 　。")
        words = self.text[part.start : part.end]
        start = STARTERS.match(words)
        if start and not self.bodies.find(words) and len(words) > start.end():
            return self._joined(Span(part.start + start.end(), part.end))
        if self.bodies.find(words) or self.bodies.by_rule(words):
            return [part]
        for such_as in SUCH_AS.finditer(words):
            if self._depth(words, such_as.start()) or not such_as.start():
                continue
            before = Span(part.start, part.start + such_as.start())
            whom = Span(part.start + such_as.start("whom"), part.start + such_as.end("whom"))
            after = Span(part.start + such_as.end(), part.end)
            named = self.text[whom.start : whom.end]
            if after.end > after.start and not JOINERS.match(self.text, after.start):
                continue
            collective = re.search("有关|相关|国务院|各|成员|省|市|县|中央", named) is not None
            return [
                *self._joined(before),
                *([whom] if collective else []),
                *(self._joined(after) if after.end > after.start else []),
            ]
        for joiner in re.finditer("以及|[及和与暨]", words):
            left, right = words[: joiner.start()], words[joiner.end() :]
            if (
                self._depth(words, joiner.start()) == 0
                and self.bodies.is_plausible(left)
                and self.bodies.is_plausible(right.split("等")[0] or right)
                and not self.bodies.by_rule(words)
            ):
                return [
                    Span(part.start, part.start + joiner.start()),
                    *self._joined(Span(part.start + joiner.end(), part.end)),
                ]
        return [part]

    def _shared_tail(self, pieces: list[Span]) -> str | None:
        """What the last name shares with bare places before it: 广州、深圳海关 → 海关."""
        if len(pieces) < 2:
            return None
        words = [self.text[one.start : one.end] for one in pieces]
        district = DISTRICT.fullmatch(words[-1])
        if district and all(DISTRICT_ALONE.fullmatch(one) for one in words[:-1]):
            return district[1]
        if not any(self._is_place(one) for one in words[:-1]):
            return None
        for place in sorted(self._places, key=len, reverse=True):
            if words[-1].startswith(place) and len(words[-1]) > len(place) + 1:
                return words[-1][len(place) :]
        return None

    @property
    def _places(self) -> set[str]:
        return {
            alias
            for code in self.bodies.known.within(self.bodies.jurisdiction)
            for alias in self.bodies.known.governments[code].aliases
        }

    def _is_place(self, words: str) -> bool:
        return words.removesuffix("市") in self._places

    def _parts(self, span: Span, separators: str) -> list[Span]:
        found, start = [], span.start
        for stop in self._stops(span, separators):
            found.append(Span(start, stop))
            start = stop + 1
        found.append(Span(start, span.end))
        return [one for one in (self._trim(part, " 　") for part in found) if one.end > one.start]

    def _stops(self, span: Span, separators: str) -> Iterator[int]:
        depth = 0
        for position in range(span.start, span.end):
            character = self.text[position]
            depth += (character in OPENING) - (character in CLOSING)
            if character in separators and depth == 0:
                yield position

    def _trim(self, span: Span, characters: str) -> Span:
        start, end = span.start, span.end
        while start < end and self.text[start] in characters:
            start += 1
        while start < end and self.text[end - 1] in characters:
            end -= 1
        return Span(start, end)

    @staticmethod
    def _depth(words: str, position: int) -> int:
        before = words[:position]
        return sum(before.count(b) for b in OPENING) - sum(before.count(b) for b in CLOSING)


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
