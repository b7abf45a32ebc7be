"""Rows of cells → a table with named columns, and the paragraphs above, inside and below it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from seed.intake.blocks import Block, Cell, IntakeQuestion, Origin, Paragraph, SetAside, Table
from seed.intake.glyphs import clean, private_use_question

NAMES = re.compile(
    r"序号|编号|项目|类别|领域|指标|目标|任务|举措|措施|事项|内容|路径|要求|成果|时限|时间|期限|进度"
    r"|单位|部门|牵头|责任|配合|参与|指导|主体|地区|备注|名称"
)
NUMBER_COLUMN = re.compile(r"序号|编号|No\.?", re.IGNORECASE)
ANSWERABLE = re.compile(r"牵头|责任|时限|期限|完成时间|主体")
NOTE = re.compile(r"(?:注|备注|说明|填表说明)\d?[：:]")
GROUP = re.compile("[一二三四五六七八九十]{1,3}、|（[一二三四五六七八九十]{1,3}）")
GROUP_NUMBER = re.compile("(?:[一二三四五六七八九十]{1,3}、?|（[一二三四五六七八九十]{1,3}）)")
HAN_NUMERALS = {*"一二三四五六七八九十", *(f"十{one}" for one in "一二三四五六七八九")}
LONGEST_NAME = 16
MOST_CELLS = 200_000
MOST_TITLE_ROWS = 4  # with the names of columns below them

Row = tuple[Cell, ...]


@dataclass(frozen=True)
class TableParts:
    """What rows of cells turn out to be, in their order."""

    blocks: tuple[Block, ...]
    set_aside: tuple[SetAside, ...]
    questions: tuple[IntakeQuestion, ...]


def read_table(rows: Sequence[Row], origin: Origin, first_block: int = 0) -> TableParts:
    """The table in rows of equal length, its title and notes; cells are unchanged.

    Rows that repeat the header are set aside; a row of one cell across the whole width is a
    paragraph between two tables; empty cells of a group column take the words above them.
    """
    questions: list[IntakeQuestion] = []
    rows = [tuple(_clean(cell, questions) for cell in row) for row in rows]
    rows = [row for row in rows if any(cell.text for cell in row)]
    start = _header(rows)
    if start is None or start == len(rows) - 1:
        return TableParts(tuple(_paragraph(row) for row in rows), (), tuple(questions))
    above, names, body = _named(rows, start)
    blocks: list[Block] = [_paragraph(row) for row in above]
    header = {tuple(cell.text for cell in row) for row in rows[start : len(rows) - len(body)]}
    if not any(NAMES.search(name) for name in names):
        questions.append(
            IntakeQuestion(
                "table_header",
                " | ".join(names),
                "the row that names the columns",
                " | ".join(names),
                origin,
                block=first_block + len(blocks),
            )
        )
    aside: list[SetAside] = []
    collected: list[Row] = []

    def finish() -> None:
        if collected:
            inherited, unclear = _inherit(names, collected, first_block + len(blocks))
            blocks.append(Table(names, tuple(inherited), origin))
            questions.extend(unclear)
            collected.clear()

    for row in body:
        if tuple(cell.text for cell in row) in header:
            aside.append(
                SetAside("repeated header", " | ".join(c.text for c in row), row[0].origin)
            )
        elif NOTE.match(row[0].text) or (len(row) > 1 and _is_one_cell(row)):
            finish()
            blocks.append(_paragraph(row))
        else:
            collected.append(row)
    finish()
    return TableParts(tuple(blocks), tuple(aside), tuple(questions))


def _clean(cell: Cell, questions: list[IntakeQuestion]) -> Cell:
    lines = [clean(line) for line in cell.text.split("\n")]
    if not cell.is_inherited:
        questions += [
            private_use_question(doubt, cell.origin) for line in lines for doubt in line.doubts
        ]
    return replace(cell, text="\n".join(line.text for line in lines if line.text))


def _header(rows: Sequence[Row]) -> int | None:
    """The row that names the columns: one that says so, or else the first with a name in each."""
    for position, row in enumerate(rows[:10]):
        if names_columns([cell.text for cell in row]):
            return position
    for position, row in enumerate(rows[:10]):
        if len(row) > 1 and all(0 < len(cell.text) <= LONGEST_NAME for cell in row):
            return position
    return None


def names_columns(texts: Sequence[str]) -> bool:
    """Whether several texts are short and such as columns have for names, and no labels."""
    short = {text for text in texts if len(text) <= LONGEST_NAME and text[-1:] not in {"：", ":"}}
    return sum(bool(NAMES.search(text)) for text in short) > 1


def parted(rows: Sequence[Row]) -> list[list[Row]]:
    """The tables of a sheet: one begins where columns are named soon below a blank row."""
    tables: list[list[Row]] = [[]]
    parts: list[list[Row]] = [[]]
    for row in rows:
        if any(cell.text.strip() for cell in row):
            parts[-1].append(row)
        elif parts[-1]:
            parts.append([])
    for part in parts:
        if any(names_columns([cell.text for cell in row]) for row in part[:MOST_TITLE_ROWS]):
            tables.append(part)
        else:
            tables[-1] += part
    return [table for table in tables if table]


def _named(rows: Sequence[Row], start: int) -> tuple[Sequence[Row], tuple[str, ...], Sequence[Row]]:
    """The rows above the header, the names of the columns, and the rows below it.

    A header of two rows, 责任单位 above 牵头 and 配合, has merged cells in its first row.
    """
    first = rows[start]
    names = [cell.text for cell in first]
    end = start + 1
    is_merged = any(a == b and a for a, b in pairwise(names))
    if is_merged and end < len(rows):
        below = [cell.text for cell in rows[end]]
        if names_columns(below) and not below[0].isdigit():
            names = [
                lower if not upper or upper == lower or NAMES.search(lower) else f"{upper}{lower}"
                for upper, lower in zip(names, below, strict=True)
            ]
            end += 1
    return rows[:start], tuple(names), rows[end:]


def _is_one_cell(row: Row) -> bool:
    """Whether a row is a heading: one cell across the table, or a number like 一、 and little more.

    Copies repeat the words of a merged cell in each of its columns.
    """
    first, rest = row[0].text, row[1:]
    others = {cell.text for cell in rest if cell.text and not cell.is_inherited}
    if GROUP.match(first) and others <= {first}:
        return True
    if GROUP_NUMBER.fullmatch(first) and len(others) == 1 and len(rest) > 1:
        return True
    return bool(first) and all(cell.text == first and cell.is_inherited for cell in rest)


def _paragraph(row: Row) -> Paragraph:
    words = list(dict.fromkeys(c.text for c in row if c.text and not c.is_inherited))
    if len(words) == 2 and GROUP_NUMBER.fullmatch(words[0]):
        words = [f"{words[0]}、{words[1]}" if words[0] in HAN_NUMERALS else "".join(words)]
    return Paragraph(" ".join(words), next((c.origin for c in row if c.text), row[0].origin))


def _inherit(
    names: tuple[str, ...], rows: Sequence[Row], block: int
) -> tuple[list[Row], list[IntakeQuestion]]:
    """Fill the group columns, which stand left of the first column that is always filled."""
    always = [all(row[column].text for row in rows) for column in range(len(names))]
    groups: list[int] = []
    for column, name in enumerate(names):
        if NUMBER_COLUMN.fullmatch(name):
            continue
        if always[column]:
            break
        groups.append(column)
    if len(groups) + 1 >= len(names):
        groups = []
    filled: list[Row] = []
    for row in rows:
        cells = list(row)
        for column in groups:
            if not cells[column].text and filled:
                above = filled[-1][column]
                cells[column] = replace(cells[column], text=above.text, is_inherited=True)
        filled.append(tuple(cells))
    return filled, list(_unclear(names, filled, block))


def _unclear(names: tuple[str, ...], rows: Sequence[Row], block: int) -> Iterator[IntakeQuestion]:
    """One question for each column that must say something and is empty in some rows."""
    for column, name in enumerate(names):
        empty = [row[column] for row in rows if not row[column].text]
        if empty and len(empty) < len(rows) and ANSWERABLE.search(name):
            yield IntakeQuestion(
                "empty_cell",
                f"{name}: empty in {len(empty)} of {len(rows)} rows",
                "whether the words above hold for these rows, too",
                None,
                empty[0].origin,
                block=block,
            )
