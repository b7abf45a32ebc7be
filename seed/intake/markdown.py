"""Markdown → paragraphs and tables."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from seed.intake.blocks import Block, Cell, Extraction, IntakeQuestion, Origin, SetAside
from seed.intake.encodings import decode
from seed.intake.lines import (
    SENTENCE_END,
    Line,
    clean_line,
    goes_on,
    join_titles,
    paragraphs_of,
    wrapped_width,
)
from seed.intake.numbering import MARKER
from seed.intake.tables import Row, read_table

DELIMITER = re.compile(r"\|?(?: *:?-{1,}:? *\|)+(?: *:?-{1,}:? *)?")
UNESCAPED_BAR = re.compile(r"(?<!\\)\|")
HEADING = re.compile(r"#{1,6} +(.*?)[ #]*")
SYNTAX = (  # what only marks text up
    (re.compile(r"!\[[^\]]{0,200}\]\([^)]{0,2000}\)"), ""),
    (re.compile(r"\[([^\]]{0,500})\]\([^)]{0,2000}\)"), r"\1"),
    (re.compile(r"(\*\*|__)(?=\S)([^*_]{1,2000}?)\1"), r"\2"),
    (re.compile(r"<br */?>", re.IGNORECASE), "\n"),
    (re.compile(r"\\([\\`*_{}\[\]()#+.!|>-])"), r"\1"),
)
BULLET = re.compile(r"(?:[-*+]|>) +")
LABEL = re.compile("[\u4e00-\u9fff]{2,8}[：:]")  # 牵头单位：


@dataclass(frozen=True)
class _Line:
    """A line without its marks, and what they mean."""

    line: Line
    begins: bool
    ends: bool
    is_indented: bool


def read_markdown(data: bytes) -> Extraction:
    """The paragraphs and tables of a Markdown file."""
    text, encoding = decode(data)
    lines = text.split("\n")
    blocks: list[Block] = []
    aside: list[SetAside] = []
    questions: list[IntakeQuestion] = []
    tables = 0
    stretches = list(_parts(lines))
    prose = {
        first: list(_lines(lines, first, last)) for first, last, table in stretches if not table
    }
    widest = wrapped_width([one.line for part in prose.values() for one in part])
    for first, last, is_table in stretches:
        if is_table:
            tables += 1
            parts = read_table(
                list(_rows(lines, first, last, tables)),
                Origin(line=first + 1, table=tables),
                len(blocks),
            )
            blocks += parts.blocks
            aside += parts.set_aside
            questions += parts.questions
        else:
            groups = join_titles(list(_groups(prose[first], widest)))
            paragraphs, asked = paragraphs_of(groups, len(blocks))
            blocks += paragraphs
            questions += asked
    return Extraction("markdown", tuple(blocks), tuple(aside), tuple(questions), encoding)


def _parts(lines: list[str]) -> Iterator[tuple[int, int, bool]]:
    """Runs of lines: first, last exclusive, and whether they are a table."""
    start = position = 0
    while position < len(lines):
        is_table = (
            "|" in lines[position]
            and position + 1 < len(lines)
            and DELIMITER.fullmatch(lines[position + 1].strip())
        )
        if not is_table:
            position += 1
            continue
        if start < position:
            yield start, position, False
        start = position
        while position < len(lines) and "|" in lines[position]:
            position += 1
        yield start, position, True
        start = position
    if start < position:
        yield start, position, False


def _rows(lines: list[str], first: int, last: int, table: int) -> Iterator[Row]:
    """The rows of a table, as wide as its first."""
    columns = 0
    for number in range(first, last):
        line = lines[number].strip()
        if number == first + 1:
            continue
        texts = UNESCAPED_BAR.split(line.removeprefix("|").removesuffix("|"))
        columns = columns or len(texts)
        texts += [""] * (columns - len(texts))
        yield tuple(
            Cell(
                _plain(text),
                Origin(line=number + 1, table=table, row=number - first + 1, column=column),
            )
            for column, text in enumerate(texts[:columns], 1)
        )


def _lines(lines: list[str], first: int, last: int) -> Iterator[_Line]:
    """The lines of a stretch without their marks."""
    for number in range(first, last):
        raw = lines[number].strip()
        heading = HEADING.fullmatch(raw)
        item = BULLET.match(raw)
        text = heading[1] if heading else raw[item.end() :] if item else raw
        yield _Line(
            clean_line(_plain(text), Origin(line=number + 1)),
            begins=bool(heading or item),
            ends=bool(heading) or lines[number].endswith(("  ", "\\")),
            is_indented=lines[number].startswith(("  ", "\t")),
        )


def _groups(lines: Sequence[_Line], widest: float | None) -> Iterator[list[Line]]:
    """The lines of each paragraph.

    A heading, a list item or a number begins one, and so does each line where lines are whole
    paragraphs: Markdown would join those, and a heading would swallow the words below it.
    """
    group: list[_Line] = []
    for one in lines:
        text = one.line.text
        if group and (not text or one.begins or not _goes_on(group, one, widest)):
            yield [each.line for each in group]
            group = []
        if text:
            group.append(one)
    if group:
        yield [each.line for each in group]


def _goes_on(group: Sequence[_Line], one: _Line, widest: float | None) -> bool:
    """Whether a line is of the same paragraph as those above it."""
    before, text = group[-1], group[-1].line.text
    if before.ends or MARKER.match(one.line.text) or LABEL.match(one.line.text):
        return False
    if group[0].begins and one.is_indented:
        return True  # of a list item
    if widest is not None:
        return goes_on(before.line, one.line, widest)
    if text.endswith(SENTENCE_END):
        return False
    return text.endswith(("，", "、")) or ("，" in text and not MARKER.match(text))


def _plain(text: str) -> str:
    for pattern, words in SYNTAX:
        text = pattern.sub(words, text)
    return text
