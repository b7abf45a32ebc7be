"""Workbooks as rows."""

import io
from datetime import datetime, time
from typing import Any

import openpyxl


def sheets(content: bytes) -> dict[str, list[dict[str, Any]]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    read = {}
    for sheet in book.worksheets:
        names, *rows = sheet.iter_rows(values_only=True)
        read[sheet.title] = [dict(zip(map(str, names), row, strict=True)) for row in rows]
    return read


def as_text(value: Any) -> str:
    """A cell of a workbook for programs as CSV has it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if value.time() == time() else "%Y-%m-%dT%H:%M:%SZ")
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
