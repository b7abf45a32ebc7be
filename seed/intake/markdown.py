"""Markdown → paragraphs and tables."""

import re
from collections.abc import Iterator

from seed.intake.blocks import Block, Cell, Extraction, IntakeQuestion, Origin, SetAside
from seed.intake.encodings import decode
from seed.intake.lines import Line, clean_line, join_titles, paragraphs_of
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


def read_markdown(data: bytes) -> Extraction:
    """The paragraphs and tables of a Markdown file."""
    text, encoding = decode(data)
    lines = text.split("\n")
    blocks: list[Block] = []
    aside: list[SetAside] = []
    questions: list[IntakeQuestion] = []
    tables = 0
    for first, last, is_table in _parts(lines):
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
            groups = join_titles(list(_groups(lines, first, last)))
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


def _groups(lines: list[str], first: int, last: int) -> Iterator[list[Line]]:
    """The lines of each paragraph; a heading, a list item or a number begins one."""
    group: list[Line] = []
    ended = True
    for number in range(first, last):
        raw = lines[number].strip()
        heading = HEADING.fullmatch(raw)
        item = BULLET.match(raw)
        text = heading[1] if heading else raw[item.end() :] if item else raw
        line = clean_line(_plain(text), Origin(line=number + 1))
        if not line.text:
            ended = True
            continue
        if group and (ended or heading or item or MARKER.match(line.text)):
            yield group
            group = []
        group.append(line)
        ended = bool(heading) or lines[number].endswith(("  ", "\\"))
    if group:
        yield group


def _plain(text: str) -> str:
    for pattern, words in SYNTAX:
        text = pattern.sub(words, text)
    return text
