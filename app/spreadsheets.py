"""Documents as an XLSX workbook (ECMA-376), a sheet a resource, written row by row to a file.

Text is text: nothing is a formula or a link, and dates stay as the service writes them.  The same
rows give the same bytes.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xlsxwriter

from app.tabular import COLUMNS, values

MOST_ROWS = 1_048_575  # of a sheet, beside the names of its columns
LONGEST_CELL = 32_767  # characters
LONGEST_NAME = 31  # characters of a sheet's name
EPOCH = datetime(1980, 1, 1, tzinfo=UTC)  # when all workbooks say they were made


class Workbook:
    """A file that grows by rows; memory does not."""

    def __init__(self, path: Path) -> None:
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "tmpdir": str(path.parent),
        }
        self.book = xlsxwriter.Workbook(str(path), options)
        self.book.set_properties({"created": EPOCH.replace(tzinfo=None)})
        self.bold = self.book.add_format({"bold": True})
        self.sheet: Any = None
        self.row = 0

    def add_sheet(self, resource: str) -> None:
        """Begin a sheet with the names of the columns; rows go into the last one begun."""
        self.sheet = self.book.add_worksheet(resource[:LONGEST_NAME])
        self.sheet.freeze_panes(1, 0)
        for column, (name, _) in enumerate(COLUMNS[resource]):
            self.sheet.write_string(0, column, name, self.bold)
        self.row = 0

    def add_rows(self, resource: str, documents: Iterable[str]) -> None:
        """A row a document."""
        for row in values(resource, documents):
            self.row += 1
            for column, value in enumerate(row):
                self._write(column, value)

    def _write(self, column: int, value: Any) -> None:
        if isinstance(value, bool):
            self.sheet.write_boolean(self.row, column, value)
        elif isinstance(value, int | float):
            self.sheet.write_number(self.row, column, value)
        elif value is not None and len(value) > LONGEST_CELL:
            self.sheet.write_string(self.row, column, value[: LONGEST_CELL - 1] + "…")
        elif value:
            self.sheet.write_string(self.row, column, value)

    def close(self) -> None:
        """Finish the file."""
        self.book.close()


def workbook_of(sheets: Mapping[str, Iterable[str]]) -> bytes:
    """A small workbook at once: resource → documents."""
    with TemporaryDirectory(prefix="workplan-") as folder:
        path = Path(folder) / "book.xlsx"
        book = Workbook(path)
        for resource, documents in sheets.items():
            book.add_sheet(resource)
            book.add_rows(resource, documents)
        book.close()
        return path.read_bytes()
