"""Lists of names: which bodies 省公安厅、财政厅和各市政府等 names, each written out."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from seed.reader.bodies import Bodies, prefixes_of
from seed.reader.brackets import CLOSING, OPENING
from seed.reader.role_words import (
    MARK,
    MARK_LEADS,
    ROLE_ALONE,
    ROLE_OF,
    ROLE_TAIL,
    RULE_BRACKET,
    TIME_CHUNK,
)
from seed.reader.text import Span, scope

JOINERS = re.compile(r"以及|[、和与及暨]")
SUCH_AS = re.compile(
    r"等(?:(?:\d+|[一二三四五六七八九十]+)(?:个|家)?)?(?P<whom>(?:国务院|中央|省级|省直|省|市级|市直|市|县级)?(?:人民)?(?:政府)?(?:各|有关|相关|成员|责任)*"
    r"(?:部门|单位|地区|地方|市|县|区|机构|企业|高校|政府)*)"
)
STARTERS = re.compile("^(?:由|请|以及|并由|会同|联合|和|及|与)")
GOVERNMENT = ("政府", "人民政府", "管委会")
DISTRICT = re.compile("[\u4e00-\u9fff]{1,6}[区县市旗](政府|人民政府|管委会)")
DISTRICT_ALONE = re.compile("(?!各|有关|相关)[\u4e00-\u9fff]{1,6}[区县市旗]")

BEHIND = re.compile("（[^（）]*）$")


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


class _Bare(NamedTuple):
    """A name without what stands beside it, and what that says."""

    span: Span
    role: str | None
    rule: Span | None
    times: list[Span]
    asides: list[Span]


class NameReader:
    """Reads lists of names for one notice."""

    def __init__(self, text: str, bodies: Bodies, annexes: Sequence[int] = ()) -> None:
        self.text = text
        self.bodies = bodies
        self.times: list[Span] = []  # of the clause that is being read
        self.asides: list[Span] = []  # what stands behind its names and is no part of them
        self._mark_leads = [
            (scope(text, annexes, match.start()), Span(*match.span()))
            for match in MARK_LEADS.finditer(text)
        ]

    def _names(self, span: Span, role: str | None) -> list[Assignment]:
        """The names of a list, each with the prefix that 、 hands on to it."""
        found: list[Assignment] = []
        prefixes: tuple[str, ...] = ()
        bare = [self._bare(piece) for piece in self._pieces(span)]
        pieces = [one.span for one in bare]
        tail = self._shared_tail(pieces)
        for piece, own in zip(pieces, bare, strict=True):
            self.times += own.times
            self.asides += own.asides
            as_written = self.text[piece.start : piece.end]
            if tail in GOVERNMENT and piece is not pieces[-1]:
                name, prefix = as_written + tail, None
            elif tail and piece is not pieces[-1] and self._is_place(as_written):
                name, prefix = as_written.removesuffix("市") + tail, None
            else:
                name, prefix = self.bodies.written_out(as_written, prefixes)
            prefixes = prefixes_of(name) or prefixes
            body = self.bodies.find(name)
            found.append(
                Assignment(
                    name, body.id if body else None, own.role or role, as_written, piece, prefix, own.rule
                )
            )  # fmt: skip
        return found

    def _bare(self, piece: Span) -> _Bare:
        """A name without what stands beside it: 省财政厅（牵头）, 省财政厅*, 省财政厅（下同）."""
        role: str | None = None
        rule: Span | None = None
        times: list[Span] = []
        asides: list[Span] = []
        while behind := BEHIND.search(self.text[piece.start : piece.end]):
            inner = Span(piece.start + behind.start() + 1, piece.end - 1)
            words = self.text[inner.start : inner.end]
            if ROLE_ALONE.fullmatch(words):
                role = next(
                    (one for one, pattern in ROLE_OF if pattern.search(words)), "responsible"
                )
            elif ROLE_TAIL.fullmatch(words):  # （按职责分工）
                role = next((one for one, pattern in ROLE_OF if pattern.search(words)), role)
            elif TIME_CHUNK.fullmatch(words):
                times.append(inner)
            elif RULE_BRACKET.search(words):
                if not words.startswith(("含", "包括", "不含")):  # says who belongs to it
                    asides.append(inner)
            else:
                break
            piece = Span(piece.start, piece.start + behind.start())
        marked = self._trim(piece, f"{MARK} 　")
        if re.search(f"[{MARK}]", self.text[piece.start : piece.end]):
            rule = next((one for holds, one in self._mark_leads if piece.start in holds), None)
            if rule:
                role = "lead"
            else:
                at = piece.start if self.text[piece.start] in MARK else piece.end - 1
                asides.append(Span(at, at + 1))
        return _Bare(marked, role, rule, times, asides)

    def _pieces(self, span: Span) -> list[Span]:
        """The names of a list, without what only joins them."""
        found: list[Span] = []
        for part in self._merged(self._parts(span, "、")):
            for one in self._apart(part):
                found += self._joined(one)
        return [one for one in found if one.end > one.start]

    def _apart(self, part: Span) -> list[Span]:
        """Names that only blanks or strokes keep apart, where each may be one."""
        parts = self._parts(part, " 　/／")
        words = [self.text[one.start : one.end] for one in parts]
        return parts if len(parts) > 1 and all(map(self.bodies.is_plausible, words)) else [part]

    def _merged(self, parts: list[Span]) -> list[Span]:
        """各市、县（市、区）政府 is one body, though 、 stands in it."""
        found: list[Span] = []
        for part in parts:
            words = self.text[part.start : part.end]
            before = self.text[found[-1].start : found[-1].end] if found else ""
            if (
                re.fullmatch(
                    "(?:各|有关|相关|试点|所在)(?:地级以上|设区)?(?:省|市|州|自治区|省辖市|地|区|县)"
                    "(?:（[^（）]{1,8}）)?",
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
            bare = place.removesuffix("市")
            if words[-1].startswith(bare) and len(words[-1]) > len(bare) + 1:
                return words[-1][len(bare) :]
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
