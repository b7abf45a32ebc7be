"""The numbered paragraphs of a notice as a tree, by the document's own use of numbers.

A mark begins a new part where its number goes on from the last one of its style, or is the first.
Anything else that looks like a mark stays where it stands and is named as odd; nothing is dropped.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from seed.reader.layout import NAMED, NOT_NAMED
from seed.reader.markers import ORDER, Marker, marker_of
from seed.reader.text import Paragraph, Span, Text

LONGEST_GAP = 3
HAN_RANK = ORDER.index("han")
# A line that announces measures below an item: 具体措施：
MEASURES = re.compile(r"(?:具体措施|主要措施|工作措施|主要任务|重点任务|工作任务|责任分工)：")
HEADING = re.compile("[^。；]{2,60}。?")  # a line that is a heading alone
DIVISION = "责任分工："  # with words behind it, who does what
ANNEX = re.compile(r"附件\s*(?P<n>\d{0,2})[：:]?\s*(?P<title>\S{0,60})")
ANNEX_LIST = re.compile(r"附件：\s*(?:1[.．、])?\S")
NOT_A_HEADING = re.compile(r"第[一二三四五六七八九十百]+条(?:第|规定|的|之|所|至|、|和|或)")
NOTE = re.compile("(?:注|备注|说明)[：:]")
CONTENTS = re.compile(r"目\s*录|目\s*次")
DATE_LINE = re.compile(
    r"[（(]?\d{4}年\d{1,2}月(?:\d{1,2}日)?(?:印发)?[）)]?|[〇○零一二三四五六七八九]{4}年.{1,4}月(?:.{1,4}日)?"
)
ADDRESSED = re.compile("^[^。]{2,300}：$")
PART_TITLE = re.compile("[^。；：，|]{6,60}")
ISSUED = re.compile("(?:印发|下达|公布)《?([^》]+?)》?的通知$")
SHORTEST_NAME, LONGEST_TITLE = 6, 200
MOST_BELOW_A_DATE, MOST_ABOVE_A_NOTE = 4, 12  # lines: （此件公开发布）; titles, number, metadata
DOTS = re.compile(r"[.…·]{3,}\s*\d+$|\s\d{1,3}$")


@dataclass
class Part:
    """A numbered part with the paragraphs that are its own, and the parts below it."""

    marker: Marker | None
    paragraph: Paragraph
    own: list[Paragraph] = field(default_factory=list)
    below: list["Part"] = field(default_factory=list)
    skip: int = 0  # characters of the first paragraph that stand before the words

    @property
    def label(self) -> str | None:
        """The number as printed."""
        return self.marker.label if self.marker else None

    @property
    def own_spans(self) -> list[Span]:
        """Where the words of the part itself stand, without its label."""
        first, *rest = self.own
        length = self.marker.length if self.marker else self.skip
        return [Span(first.span.start + length, first.span.end), *(p.span for p in rest)]

    def walk(self) -> Iterator["Part"]:
        """The part and all below it, in the order of the text."""
        yield self
        for part in self.below:
            yield from part.walk()

    @property
    def end(self) -> int:
        """Where the part ends, with all below it."""
        return max([p.span.end for p in self.own] + [part.end for part in self.below])


@dataclass
class Outline:
    """Paragraphs before the first number, the tree, annexes, and what looked odd."""

    front: list[Paragraph] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    tables: list[list[Paragraph]] = field(default_factory=list)
    heads: dict[int, list[Part]] = field(default_factory=dict)  # above a table, by its first line
    annexes: list["Outline"] = field(default_factory=list)
    annex: int = 0
    set_aside: list[tuple[Paragraph, str]] = field(default_factory=list)
    odd: list[tuple[str, Span]] = field(default_factory=list)
    contents: list[Paragraph] = field(default_factory=list)

    @property
    def annex_starts(self) -> list[int]:
        """Where the annexes begin."""
        return [one.front[0].span.start for one in self.annexes if one.front]

    def heads_tables(self, part: Part) -> bool:
        """Whether a part is only the heading of tables, or of headings of tables."""
        return any(one in heads for heads in self.heads.values() for one in part.walk())

    def walk(self) -> Iterator[Part]:
        """All parts in the order of the text."""
        for part in self.parts:
            yield from part.walk()


def outline(text: Text) -> Outline:
    """The tree of a notice."""
    whole = Outline()
    builder = _Builder(whole)
    paragraphs = list(text.paragraphs)
    named: set[str] = set()  # documents that the text has named so far
    index = 0
    while index < len(paragraphs):
        paragraph = paragraphs[index]
        if paragraph.line.set_aside:
            whole.set_aside.append((paragraph, paragraph.line.set_aside))
        elif CONTENTS.fullmatch(paragraph.text):
            index = _take_contents(paragraphs, index, whole)
            continue
        elif (annex := _annex_at(paragraphs, index)) and (whole.parts or whole.tables):
            below = Outline(annex=annex)
            whole.annexes.append(below)
            builder = _Builder(below)
            below.front.append(paragraph)
        elif _is_cover(paragraphs, index, whole, named):
            # What was numbered so far are the points of the cover note; here begins the plan.
            whole = Outline(front=paragraphs[: index + 1], set_aside=whole.set_aside)
            builder = _Builder(whole)
        elif (builder.into.parts or builder.into.tables) and _is_title(paragraphs, index, named):
            below = Outline(annex=max((one.annex for one in whole.annexes), default=0) + 1)
            whole.annexes.append(below)
            builder = _Builder(below)
            below.front.append(paragraph)
        else:
            builder.add(paragraph)
        named |= _names_in(paragraph.text)
        index += 1
    return whole


def _annex_at(paragraphs: list[Paragraph], index: int) -> int | None:
    """The number of an annex that begins here; a list of annexes is none."""
    paragraph = paragraphs[index]
    match = ANNEX.fullmatch(paragraph.text)
    if not match or ANNEX_LIST.match(paragraph.text):
        return None
    after = paragraphs[index + 1].text if index + 1 < len(paragraphs) else ""
    if ANNEX.fullmatch(after) or re.match(r"\d[.．、]", after) and index + 2 >= len(paragraphs):
        return None
    return int(match["n"] or 1)


def _is_cover(paragraphs: list[Paragraph], index: int, whole: Outline, named: set[str]) -> bool:
    """Whether the plan begins here, and not with the numbers above: those of its cover note.

    Its title is one that the note names, and the note's date stands above it.
    """
    above = paragraphs[max(0, index - MOST_BELOW_A_DATE) : index]
    return (
        bool(whole.parts)
        and not whole.annexes
        and not whole.tables
        and _is_named(paragraphs[index].text, named)
        and any(DATE_LINE.fullmatch(one.text) for one in above)
        and any(ADDRESSED.search(one.text) for one in paragraphs[: min(index, MOST_ABOVE_A_NOTE)])
    )


def _is_title(paragraphs: list[Paragraph], index: int, named: set[str]) -> bool:
    """Whether a second part begins here, with a title that was named before and numbers of its own."""
    words = paragraphs[index].text
    after = paragraphs[index + 1] if index + 1 < len(paragraphs) else None
    if after is None or not PART_TITLE.fullmatch(words) or marker_of(words):
        return False
    marker = marker_of(after.text)
    begins = after.line.columns is not None or (marker is not None and marker.number == 1)
    return begins and _is_named(words, named)


def _is_named(words: str, named: set[str]) -> bool:
    """Whether words are the title of a document that was named before."""
    return bool(PART_TITLE.fullmatch(words)) and NOT_NAMED.sub("", words) in named


def _names_in(words: str) -> set[str]:
    """What a paragraph calls a document: 《…》, and what it is the notice of."""
    found = NAMED.findall(words)
    if words.endswith("的通知") and len(words) < LONGEST_TITLE and (of := ISSUED.search(words)):
        found.append(of[1])
    bare = {NOT_NAMED.sub("", name) for name in found}
    return {name for name in bare if len(name) >= SHORTEST_NAME}


def _take_contents(paragraphs: list[Paragraph], index: int, whole: Outline) -> int:
    """A table of contents: its lines come again as headings."""
    at = index + 1
    seen: list[str] = []
    while at < len(paragraphs) and marker_of(paragraphs[at].text):
        words = DOTS.sub("", paragraphs[at].text).strip()
        if words in seen or (seen and words.startswith(seen[0][:6])):
            break
        seen.append(words)
        at += 1
    whole.contents = paragraphs[index:at]
    return at


class _Builder:
    """Puts paragraphs into an outline, one after the other."""

    def __init__(self, into: Outline) -> None:
        self.into = into
        self.stack: list[Part] = []
        self.last: dict[str, int] = {}
        self.is_list = False  # of annexes, below one another
        self.is_in_table = False
        self.articles_are_below = False

    def add(self, paragraph: Paragraph) -> None:
        if paragraph.line.columns is not None:
            if paragraph.line.cells is None:
                self.into.tables.append([])
                if self._is_headed(paragraph):
                    self.into.heads[paragraph.number] = list(self.stack)
                else:
                    self.stack = []
            self.is_in_table = True
            if not self.into.tables:
                self.into.tables.append([])
            self.into.tables[-1].append(paragraph)
            return
        was_in_table, self.is_in_table = self.is_in_table, False
        marker = marker_of(paragraph.text)
        if ANNEX_LIST.match(paragraph.text):
            self.is_list = True
        elif self.is_list and marker and marker.style == "digit" and "。" not in paragraph.text:
            marker = None  # the second annex of a list
        else:
            self.is_list = False
        if marker and self._begins(marker, paragraph):
            self._open(marker, paragraph)
        elif self.stack and not was_in_table:
            if marker:
                self.into.odd.append(("looks_like_a_heading", paragraph.span))
            self._attach(paragraph)
        elif self.into.tables and NOTE.match(paragraph.text):
            self.into.set_aside.append((paragraph, "note"))
        elif self.into.tables:
            self.into.odd.append(("after_a_table", paragraph.span))
            self.into.front.append(paragraph)
        else:
            self.into.front.append(paragraph)

    def _is_headed(self, table: Paragraph) -> bool:
        """Whether headings, and nothing else, stand above a table: 一、 and below it （一）."""
        return (
            bool(self.stack)
            and self.stack[-1].paragraph.number == table.number - 1
            and all(
                HEADING.fullmatch(one.paragraph.text) and len(one.own) == 1
                for one in self.stack[0].walk()
            )
        )

    def _attach(self, paragraph: Paragraph) -> None:
        top = self.stack[-1]
        match = MEASURES.match(paragraph.text)
        if (
            match
            and top.marker
            and not (match[0] == DIVISION and match.end() < len(paragraph.text))
        ):
            if match.end() == len(paragraph.text):
                top.own.append(paragraph)
                return
            below = Part(None, paragraph, [paragraph], skip=match.end())
            top.below.append(below)
            self.stack.append(below)
            return
        if top.marker is None and top.own[-1].text.endswith(("。", "）")):
            # A measure without a number is one paragraph; what stands below is its parent's.
            self.stack.pop()
        self.stack[-1].own.append(paragraph)

    def _begins(self, marker: Marker, paragraph: Paragraph) -> bool:
        if marker.style == "article" and NOT_A_HEADING.match(paragraph.text):
            return False
        depth = next(
            (d for d, part in enumerate(self.stack) if self._style(part) == marker.style), None
        )
        if depth is not None:
            before = self.stack[depth].marker
            assert before
            return self._goes_on(before.number, marker, paragraph)
        if marker.number == 1:
            return True
        if marker.number == self.last.get(marker.style, 0) + 1:
            return True
        if marker.style in self.last and marker.number <= self.last[marker.style]:
            return False
        self.into.odd.append(("begins_late", paragraph.span))
        return marker.number <= LONGEST_GAP + self.last.get(marker.style, 0) + 1

    def _goes_on(self, before: int, marker: Marker, paragraph: Paragraph) -> bool:
        if marker.number == before + 1:
            return True
        if before < marker.number <= before + 1 + LONGEST_GAP:
            self.into.odd.append(("jump", paragraph.span))
            return True
        if marker.number == before:
            self.into.odd.append(("repeat", paragraph.span))
            return True
        self.into.odd.append(("out_of_order", paragraph.span))
        return marker.number == 1

    @staticmethod
    def _style(part: Part) -> str | None:
        return part.marker.style if part.marker else None

    def _rank(self, marker: Marker) -> float:
        """How deep a style stands; 第一条 below 一、 where a document first uses it there."""
        below_han = marker.style == "article" and self.articles_are_below
        return HAN_RANK + 0.5 if below_han else marker.rank

    def _open(self, marker: Marker, paragraph: Paragraph) -> None:
        if marker.style == "article" and "article" not in self.last:
            self.articles_are_below = any(self._style(part) == "han" for part in self.stack)
        while self.stack and (
            self.stack[-1].marker is None
            or self.stack[-1].marker.style == marker.style
            or self._rank(self.stack[-1].marker) > self._rank(marker)
            or any(self._style(part) == marker.style for part in self.stack)
        ):
            self.stack.pop()
        part = Part(marker, paragraph, [paragraph])
        (self.stack[-1].below if self.stack else self.into.parts).append(part)
        self.stack.append(part)
        self.last[marker.style] = marker.number
