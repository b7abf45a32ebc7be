"""Documents as lines: NDJSON, and CSV for spreadsheets.

CSV is UTF-8 with a byte order mark, which spreadsheets need to read Chinese, and lines end in CRLF
(RFC 4180).  No cell is a formula: text that a spreadsheet might run gets an apostrophe in front.
"""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from app.clock import CHINA
from app.enums import TableHeader
from app.formats.columns import Column, Content, Table

RUNS = tuple("=+-@\t\r\n＝＋－＠")  # what a formula may begin with, full-width forms as well
SPREADSHEET_BOM = "\ufeff"


def cell(value: Any) -> Any:
    """What stands in a cell for programs: numbers as they are, `true`, text that does not run."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.startswith(RUNS):
        return f"'{value}"
    return value


def for_people(column: Column, value: Any) -> Any:
    """A truth value in Chinese, a moment by the clock in China; all else as it is."""
    if value is None:
        return None
    if column.content is Content.FLAG:
        return "是" if value else "否"
    if column.content is Content.MOMENT:
        return datetime.fromisoformat(value).astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
    return value


def csv_head(table: Table, header: TableHeader) -> str:
    """The byte order mark and the header row."""
    titles = [title(column, header) for column in table.columns_of(header)]
    return SPREADSHEET_BOM + _csv_lines([titles])


def title(column: Column, header: TableHeader) -> str:
    """What stands above a column."""
    if header is TableHeader.NAMES:
        return column.name
    return f"{column.label}（北京时间）" if column.content is Content.MOMENT else column.label


def csv_rows(table: Table, header: TableHeader, documents: Iterable[str]) -> str:
    """A line a row."""
    columns = table.columns_of(header)
    lines = []
    for row in table.values(map(json.loads, documents), columns):
        if header is TableHeader.LABELS:
            row = [*map(for_people, columns, row)]
        lines.append([cell(value) for value in row])
    return _csv_lines(lines)


def ndjson_rows(documents: Iterable[str]) -> str:
    """A document a line, as the list in JSON has it."""
    return "".join(f"{document}\n" for document in documents)


def _csv_lines(rows: Sequence[Sequence[Any]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows(rows)
    return written.getvalue()
