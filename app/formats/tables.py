"""Documents as lines: NDJSON, and CSV for spreadsheets.

CSV is UTF-8 with a byte order mark, which spreadsheets need to read Chinese, and lines end in CRLF
(RFC 4180).  No cell is a formula: text that a spreadsheet might evaluate gets a leading apostrophe.
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
    """A cell for programs: numbers unchanged, `true`, text that is not evaluated."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.startswith(RUNS):
        return f"'{value}"
    return value


def for_people(column: Column, value: Any) -> Any:
    """A boolean in Chinese, a time in China's time; other values unchanged."""
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
    """The header of a column."""
    if header is TableHeader.NAMES:
        return column.name
    return f"{column.label}（北京时间）" if column.content is Content.MOMENT else column.label


def csv_rows(table: Table, header: TableHeader, documents: Iterable[str]) -> str:
    """One line per row."""
    columns = table.columns_of(header)
    lines = []
    for row in table.values(map(json.loads, documents), columns):
        if header is TableHeader.LABELS:
            row = [*map(for_people, columns, row)]
        lines.append([cell(value) for value in row])
    return _csv_lines(lines)


def ndjson_rows(documents: Iterable[str]) -> str:
    """One document per line, as in the JSON list."""
    return "".join(f"{document}\n" for document in documents)


def _csv_lines(rows: Sequence[Sequence[Any]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows(rows)
    return written.getvalue()
