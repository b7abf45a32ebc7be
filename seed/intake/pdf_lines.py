"""The characters of PDF pages → lines → paragraphs, by where they stand on the page."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from seed.intake.blocks import Box, Origin, SetAside
from seed.intake.lines import (
    APART,
    CONTENTS,
    CONTENTS_TITLE,
    PAGE_NUMBER,
    RULE,
    SENTENCE_END,
    Line,
    clean_line,
)
from seed.intake.numbering import MARKER

MARGIN = 0.13  # of the page's height, where headers and footers stand
WIDE_MARGIN = 0.25  # for the first and the last line of a page, where they look like page numbers
WORD_GAP, CHARACTER_GAP, WIDE_GAP = 0.2, 0.8, 1.6  # of a character's size
FEWEST_LINES = 12  # of which some are full
HAN = re.compile("[\u3400-\u9fff]")
BARE_NUMBER = re.compile(r"\d{1,4}(?: ?/ ?\d{1,4})?")


@dataclass(frozen=True)
class Glyph:
    """A character on a page: its left and right edge, its baseline from the top, and its size.

    The size is the width of a Chinese character: some fonts state a size that is twice as large.
    """

    text: str
    left: float
    right: float
    baseline: float
    size: float


@dataclass(frozen=True)
class PageLine:
    """A printed line, cleaned, with its place on the page."""

    line: Line
    page: int
    size: float
    height: float  # of the page
    center: float  # of the page

    @property
    def box(self) -> Box:
        assert self.line.origin.box
        return self.line.origin.box


@dataclass(frozen=True)
class Measure:
    """What most lines of a document have in common: size of its characters, left and right edge."""

    size: float
    left: float
    right: float


def lines_of(glyphs: Sequence[Glyph], page: int, width: float, height: float) -> list[PageLine]:
    """The lines of a page from top to bottom."""
    lines = []
    for number, row in enumerate(_rows(glyphs), 1):
        chinese = [glyph for glyph in row if HAN.match(glyph.text)]
        size = median(glyph.size for glyph in chinese or row)
        right, bottom = max(glyph.right for glyph in row), row[0].baseline
        box = rounded((row[0].left, bottom - size, right, bottom))
        line = clean_line(_text(row), Origin(page=page, line=number, box=box))
        if line.text:
            lines.append(PageLine(line, page, size, height, width / 2))
    return lines


def _rows(glyphs: Sequence[Glyph]) -> Iterator[list[Glyph]]:
    """Glyphs on one baseline, from left to right; sizes may differ a little, and so may baselines."""
    row: list[Glyph] = []
    for glyph in sorted(glyphs, key=lambda glyph: (glyph.baseline, glyph.left)):
        if row and glyph.baseline - row[0].baseline > 0.45 * max(glyph.size, row[0].size):
            yield sorted(row, key=lambda glyph: glyph.left)
            row = []
        row.append(glyph)
    if row:
        yield sorted(row, key=lambda glyph: glyph.left)


def _text(row: Sequence[Glyph]) -> str:
    """The characters with a blank where there is a gap between words, a wide one between columns."""
    text = ""
    end: float | None = None
    spaced = False
    for glyph in row:
        if glyph.text.isspace():
            spaced = True
            continue
        if end is not None:
            gap = (glyph.left - end) / glyph.size
            if gap > WIDE_GAP:
                text += "\u3000"
            elif spaced or gap > (WORD_GAP if (text[-1] + glyph.text).isascii() else CHARACTER_GAP):
                text += " "
        text += glyph.text
        end, spaced = glyph.right, False
    return text


def without_furniture(
    lines: Sequence[PageLine], pages: int
) -> tuple[list[PageLine], list[SetAside]]:
    """The lines without page numbers, drawn rules, and headers that pages repeat."""
    edges = {id(line) for line in lines if _at_edge(line, MARGIN)}
    ends = {id(line) for line in _first_and_last(lines) if _at_edge(line, WIDE_MARGIN)}
    seen = Counter(
        key for key, _ in {(_key(line), line.page) for line in lines if id(line) in edges}
    )
    left: list[PageLine] = []
    aside: list[SetAside] = []
    for line in lines:
        text = line.line.text
        rule = None
        if RULE.fullmatch(text):
            rule = "ruled line"
        elif CONTENTS.fullmatch(text) or CONTENTS_TITLE.fullmatch(text):
            rule = "table of contents"
        elif (PAGE_NUMBER.fullmatch(text) and id(line) in ends | edges) or (
            BARE_NUMBER.fullmatch(text) and id(line) in ends & edges
        ):
            rule = "page number"
        elif id(line) in edges and seen[_key(line)] > 1 and seen[_key(line)] * 2 >= pages:
            rule = "repeated header"
        if rule:
            aside.append(SetAside(rule, text, line.line.origin))
        else:
            left.append(line)
    return left, aside


def _first_and_last(lines: Sequence[PageLine]) -> list[PageLine]:
    by_page: dict[int, list[PageLine]] = {}
    for line in lines:
        by_page.setdefault(line.page, []).append(line)
    return [line for page in by_page.values() for line in (page[0], page[-1])]


def _at_edge(line: PageLine, margin: float) -> bool:
    top, bottom = line.box[1], line.box[3]
    return bottom < margin * line.height or top > (1 - margin) * line.height


def _key(line: PageLine) -> tuple[str, int]:
    """The same on each page: words without page numbers, and the height at which they stand."""
    return re.sub(r"\d+", "#", line.line.text), round(line.box[3] / 6)


def measure(lines: Sequence[PageLine]) -> Measure:
    """The size of most characters; the edges of the lines that have it."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size * 2) / 2] += len(line.line.text)
    size = sizes.most_common(1)[0][0] if sizes else 1.0
    body = [line.box for line in lines if abs(line.size - size) <= 0.5 + 0.1 * size]
    if not body:
        return Measure(size, 0.0, 0.0)
    lefts = Counter(round(box[0] / 3) for box in body)
    often = [place for place, times in lefts.items() if times >= 0.1 * len(body)]
    left = 3.0 * min(often or lefts)
    rights = sorted(box[2] for box in body)
    right = rights[int(0.8 * (len(rights) - 1))]
    if len(body) < FEWEST_LINES:  # perhaps none of them is full; margins are much alike
        right = max(right, 2 * lines[0].center - left - size)
    return Measure(size, left, right)


def grouped(lines: Sequence[PageLine], common: Measure) -> list[list[Line]]:
    """The lines of each paragraph: one goes on where the line before it was full."""
    groups: list[list[Line]] = []
    before: PageLine | None = None
    for line in lines:
        if before and _goes_on(before, line, common):
            groups[-1].append(line.line)
        else:
            groups.append([line.line])
        before = line
    return groups


def _goes_on(before: PageLine, line: PageLine, common: Measure) -> bool:
    size = common.size
    if _is_heading(before, common) and _is_heading(line, common):
        near = line.page == before.page and line.box[3] - before.box[3] < 2.4 * line.size
        return near and abs(line.size - before.size) < 0.5 and not MARKER.match(line.line.text)
    ended = before.line.text.endswith(SENTENCE_END)
    full = before.box[2] >= common.right - 2.2 * size
    if not 0.83 < line.size / before.size < 1.2:
        return False
    indent = line.box[0] - common.left
    if indent > 1.2 * size:  # so does an addressee's second line, and one that hangs below 抄送：
        cut = before.line.text.endswith(("，", "、")) or (indent > 3 * size and _is_centered(line))
        return full and not ended and cut and not MARKER.match(line.line.text)
    if APART.match(line.line.text) or (ended and MARKER.match(line.line.text)):
        return False
    return full and not (ended and before.box[2] < common.right - 1.2 * size)


def _is_heading(line: PageLine, common: Measure) -> bool:
    """Whether a line is larger than the body and stands in the middle of the page."""
    return line.size > 1.15 * common.size and _is_centered(line)


def _is_centered(line: PageLine) -> bool:
    return abs((line.box[0] + line.box[2]) / 2 - line.center) < 2 * line.size


def rounded(box: Box) -> Box:
    """A box to a tenth of a point, which is all that anybody can see."""
    left, top, right, bottom = box
    return (round(left, 1), round(top, 1), round(right, 1), round(bottom, 1))
