"""Lines as printed → paragraphs: page numbers off, wrapped lines joined, doubts at their places."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from seed.intake.blocks import IntakeQuestion, Origin, Paragraph, Piece, SetAside
from seed.intake.glyphs import Doubt, clean, private_use_question
from seed.intake.numbering import MARKER, split_front, split_one_line

DASH = "[-—–－―]"
PAGE_NUMBER = re.compile(
    rf"{DASH} ?\d{{1,4}} ?{DASH}|第 ?\d{{1,4}} ?页(?:[，,/ ]*共 ?\d{{1,4}} ?页)?"
)
LONE_DASH = re.compile(DASH)
DIGITS = re.compile(r"\d{1,3}")
RULE = re.compile(r"(\S)\1{9,}")  # a line drawn with one glyph
# A heading, a row of dots, and its page.
CONTENTS = re.compile(r"(?P<heading>.{2,80}?) ?(?:…{2,}|\.{4,}|·{4,}|．{4,}|-{4,}) ?\d{1,4}")
CONTENTS_TITLE = re.compile("目[ \u3000]?录")
SENTENCE_END = tuple("。；：！？…")
APART = re.compile(r"抄送|主送|附件[：:]|（此件|（信息公开|\d{4}年\d{1,2}月\d{1,2}日(?:印发)?$")
ASCII_WORD = re.compile(r"[0-9A-Za-z]")
TITLE = re.compile(
    r"[^。；]*关于[^。；]{2,120}(?:通知|意见|方案|决定|办法|计划|措施|要点|批复|函|公告|规划|细则)(?:（[^（）]*）)?"
)
NAMED = re.compile(r"(?:印发|下达|公布)(?:《([^》]+)》|(.+?))的通知$")
DISTRIBUTES = re.compile("印发|下达|公布|转发")  # …关于印发…方案 goes on: 的通知
ISSUER = re.compile(
    "[\u4e00-\u9fff（）、 \u3000]{2,60}(?:政府|厅|室|委|会|局|部|院|组|中心)(?:（[^（）]+）)?"
)
ABOUT = re.compile("(?:印发)?关于|印发")
ABOUT_SOON = re.compile("[\u4e00-\u9fff]{2,20}关于")
UNBROKEN = re.compile("[\u4e00-\u9fff（）、]+")
LONG_LINE = 15  # what stands above a title on a web page is shorter
MOST_TITLE_LINES = 5
LONGEST_NAME = 160
WRAPPED_SHARE = 0.7
FEWEST_WRAPPED = 5
NARROWEST = 20  # a page is not narrower; a list of short names is
FIRST_INDENT = 1.5  # of the first line of a paragraph, in characters
# The first line may be indented, and a mark that must not begin a line takes its neighbours along.
SLACK = 4


@dataclass(frozen=True)
class Line:
    """A clean line, its place, and its printed width and indent in Chinese characters."""

    text: str
    origin: Origin
    width: float
    indent: float
    doubts: tuple[Doubt, ...] = ()


def clean_line(text: str, origin: Origin) -> Line:
    """A line as printed, cleaned."""
    cleaned = clean(text)
    printed = width(text.rstrip())
    return Line(cleaned.text, origin, printed, printed - width(text.strip()), cleaned.doubts)


def without_page_numbers(lines: Sequence[Line]) -> tuple[list[Line], list[SetAside]]:
    """The lines without page numbers, drawn rules and contents; blank lines beside those go, too."""
    left: list[Line] = []
    aside: list[SetAside] = []
    position = 0
    while position < len(lines):
        length, rule = _furniture(lines, position)
        if not length:
            left.append(lines[position])
            position += 1
            continue
        taken = lines[position : position + length]
        text = " ".join(line.text for line in taken if line.text)
        aside.append(SetAside(rule, text, taken[0].origin))
        position += length
        while left and not left[-1].text:
            left.pop()
        while position < len(lines) and not lines[position].text:
            position += 1
    return left, aside


def _furniture(lines: Sequence[Line], position: int) -> tuple[int, str]:
    """How many lines from a position on are no text of the notice, and what they are."""
    text = lines[position].text
    if PAGE_NUMBER.fullmatch(text):
        return 1, "page number"
    if RULE.fullmatch(text):
        return 1, "ruled line"
    following = next((line.text for line in lines[position + 1 : position + 4] if line.text), "")
    if CONTENTS.fullmatch(text) or (
        CONTENTS_TITLE.fullmatch(text) and CONTENTS.fullmatch(following)
    ):
        return 1, "table of contents"
    if LONE_DASH.fullmatch(text):  # a dash, the digits one or more a line, a dash
        end = position + 1
        while end < len(lines) and DIGITS.fullmatch(lines[end].text):
            end += 1
        if end > position + 1 and end < len(lines) and LONE_DASH.fullmatch(lines[end].text):
            return end + 1 - position, "page number"
    return 0, ""


def wrapped_width(lines: Sequence[Line]) -> float | None:
    """The width that lines were broken at, in Chinese characters; None where they were not."""
    broken = sorted(
        line.width
        for line in lines
        if len(line.text) >= 12 and not line.text.endswith((*SENTENCE_END, "）"))
    )
    if len(broken) < FEWEST_WRAPPED:
        return None
    widest = broken[int(0.9 * (len(broken) - 1))]
    full = sum(widest - SLACK <= each <= widest + SLACK for each in broken)
    return widest if widest >= NARROWEST and full >= WRAPPED_SHARE * len(broken) else None


def width(text: str) -> float:
    """How wide a text is printed, in Chinese characters."""
    return sum(0.5 if character < "\u2000" else 1.0 for character in text)


def join_wrapped(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Group lines into paragraphs: a full line goes on where no number begins a new one."""
    widest = wrapped_width(lines)
    margin = min((line.indent for line in lines if line.text), default=0.0)
    group: list[Line] = []
    for line in lines:
        is_first = line.indent - margin >= FIRST_INDENT
        if group and line.text and not is_first and goes_on(group[-1], line, widest):
            group.append(line)
            continue
        if group:
            yield group
        group = [line] if line.text else []
    if group:
        yield group


def goes_on(before: Line, line: Line, widest: float | None) -> bool:
    """Whether a line is of the same paragraph as the one before it, where lines are so wide."""
    if re.search(r"〔\d{4}〕\d+$", before.text) and line.text == "号":
        return True
    if widest is None or MARKER.match(line.text) or APART.match(line.text):
        return False
    if before.text.endswith(SENTENCE_END):
        is_whole = line.width >= widest - SLACK or line.text.endswith((*SENTENCE_END, "）", "”"))
        return before.width >= widest - 1 and is_whole
    return before.width >= widest - SLACK


def paragraph_of(group: Sequence[Line]) -> tuple[Paragraph, list[Doubt]]:
    """One paragraph of the lines it was printed on; its doubts at their places in it."""
    text = ""
    pieces: list[Piece] = []
    doubts: list[Doubt] = []
    for line in group:
        if text and ASCII_WORD.match(text[-1]) and ASCII_WORD.match(line.text[0]):
            text += "" if text[-1].isdigit() and line.text[0].isdigit() else " "
        pieces.append(Piece(len(text), line.origin))
        doubts += [
            Doubt(d.start + len(text), d.end + len(text), d.found, d.proposal) for d in line.doubts
        ]
        text += line.text
    return Paragraph(text, group[0].origin, tuple(pieces) if len(pieces) > 1 else ()), doubts


def join_titles(groups: Sequence[list[Line]]) -> list[list[Line]]:
    """One group for a title that was printed on several short lines, and for the plan's it names."""
    joined: list[list[Line]] = []
    named = ""
    position = 0
    while position < len(groups):
        length = _title_length(groups, position, named)
        group = [line for each in groups[position : position + length] for line in each]
        text = "".join(line.text for line in group)
        if len(text) <= LONGEST_NAME and TITLE.fullmatch(text) and (found := NAMED.search(text)):
            named = found[1] or found[2]
        joined.append(group)
        position += length
    return joined


def _title_length(groups: Sequence[list[Line]], position: int, named: str) -> int:
    """How many groups are one title; 1 where none begins here."""
    text = ""
    found = 1
    for length, group in enumerate(groups[position : position + MOST_TITLE_LINES], 1):
        line = "".join(each.text for each in group)
        if line.endswith(("。", "：")) or MARKER.match(line) or len(text) > LONGEST_NAME:
            break
        if length == 2 and not (text == named[: len(text)] or _begins_title(text, line)):
            break
        text += line
        if text == named:
            return length
        if TITLE.fullmatch(text) and "关于" in text:
            found = length
            if text.endswith("通知") or not DISTRIBUTES.search(text):
                break
    return found


def _begins_title(first: str, second: str) -> bool:
    """Whether a line is the beginning of the title that the next one goes on with."""
    return (
        "关于" in first
        or (ISSUER.fullmatch(first) is not None and ABOUT.match(second) is not None)
        or (
            len(first) >= LONG_LINE
            and UNBROKEN.fullmatch(first) is not None
            and ABOUT_SOON.match(second) is not None
        )
    )


def paragraphs_of(
    groups: Sequence[Sequence[Line]], first_block: int = 0
) -> tuple[list[Paragraph], list[IntakeQuestion]]:
    """The paragraphs of groups of lines, split where a copy lost its line breaks."""
    paragraphs: list[Paragraph] = []
    questions: list[IntakeQuestion] = []
    for group in groups:
        whole, doubts = paragraph_of(group)
        starts = split_one_line(whole.text)
        if starts == [0]:
            starts = split_front(whole.text)
        for start, end in zip(starts, [*starts[1:], len(whole.text)], strict=True):
            part = _part(whole, start, end)
            block = first_block + len(paragraphs)
            paragraphs.append(part)
            questions += [
                replace(
                    private_use_question(d, part.origin_at(d.start - start)),
                    block=block,
                    start=d.start - start,
                    end=d.end - start,
                )
                for d in doubts
                if start <= d.start < end
            ]
    return paragraphs, questions


def _part(whole: Paragraph, start: int, end: int) -> Paragraph:
    if (start, end) == (0, len(whole.text)):
        return whole
    inside = [Piece(p.start - start, p.origin) for p in whole.pieces if start < p.start < end]
    first = whole.origin_at(start)
    pieces = (Piece(0, first), *inside) if inside else ()
    return Paragraph(whole.text[start:end].strip(), first, pieces)
