"""Documents as an XLSX workbook (ECMA-376), one sheet per table, written row by row to a file.

Text is never a formula or a link.  Dates are real dates; times are in China's time under labels and
in UTC under names.  The same rows give the same bytes.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xlsxwriter

from app.clock import CHINA
from app.enums import TableHeader
from app.formats.columns import Column, Content, Table
from app.formats.tables import for_people, title
from app.http.languages import in_script

MOST_ROWS = 1_048_575  # of a sheet, without its header
LONGEST_CELL = 32_767  # characters
LONGEST_NAME = 31  # characters of a sheet's name
EPOCH = datetime(1980, 1, 1, tzinfo=UTC)  # creation time of all workbooks
FIRST_DAY = date(1900, 3, 1)  # spreadsheet programs disagree on earlier days
A4 = 9


class _Sheet:
    """A table in a workbook, which starts with its header."""

    def __init__(self, book: "Workbook", name: str, table: Table) -> None:
        self.book, self.name, self.table = book, name, table
        self.columns = table.columns_of(book.header)
        self.begun = 0
        self._begin()

    def _begin(self) -> None:
        """Start another sheet, since the rows of a sheet are limited."""
        self.begun += 1
        name = self.name if self.begun == 1 else f"{self.name} {self.begun}"
        self.sheet = self.book.file.add_worksheet(name[:LONGEST_NAME])
        self.row = 0
        self.sheet.freeze_panes(1, 0)
        self.sheet.repeat_rows(0)
        self.sheet.set_landscape()
        self.sheet.set_paper(A4)
        self.sheet.fit_to_pages(1, 0)
        for place, column in enumerate(self.columns):
            self.sheet.set_column(place, place, column.width)
            self.sheet.write_string(0, place, self.book.title(column), self.book.head)

    def add(self, document: Mapping[str, Any]) -> None:
        """Add the rows of a document."""
        for values in self.table.values([document], self.columns):
            if self.row == MOST_ROWS:
                self.close()
                self._begin()
            self.row += 1
            for place, (column, value) in enumerate(zip(self.columns, values, strict=True)):
                if value is not None and value != "":
                    self._write(place, column, value)

    def _write(self, place: int, column: Column, value: Any) -> None:
        book, sheet = self.book, self.sheet
        people = book.header is TableHeader.LABELS
        if column.content is Content.FLAG:
            if people:
                sheet.write_string(self.row, place, for_people(column, value), book.top)
            else:
                sheet.write_boolean(self.row, place, value, book.top)
        elif isinstance(value, int | float):
            sheet.write_number(self.row, place, value, book.top)
        elif column.content is Content.MOMENT:
            moment = datetime.fromisoformat(value).astimezone(CHINA if people else UTC)
            sheet.write_datetime(self.row, place, moment.replace(tzinfo=None), book.moment)
        elif column.content is Content.DATE and (day := date.fromisoformat(value)) >= FIRST_DAY:
            sheet.write_datetime(self.row, place, day, book.date)
        else:
            if len(value) > LONGEST_CELL:
                value = value[: LONGEST_CELL - 1] + "…"
            wrapped = column.content is Content.PROSE
            sheet.write_string(self.row, place, value, book.wrapped if wrapped else book.top)

    def close(self) -> None:
        """Add a filter to every column."""
        self.sheet.autofilter(0, 0, self.row, len(self.columns) - 1)


class Workbook:
    """A file written row by row, in constant memory.

    `language` is the script of its header; documents are already converted to it.
    """

    def __init__(
        self,
        path: Path,
        header: TableHeader,
        tables: Mapping[str, Table],
        language: str,
    ) -> None:
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "tmpdir": str(path.parent),
        }
        self.header, self.language = header, language
        self.file = xlsxwriter.Workbook(str(path), options)
        self.file.set_properties({"created": EPOCH.replace(tzinfo=None)})
        top = {"valign": "top"}
        self.head = self.file.add_format({"bold": True, "bottom": 1, **top})
        self.top = self.file.add_format(top)
        self.wrapped = self.file.add_format({"text_wrap": True, **top})
        self.date = self.file.add_format({"num_format": "yyyy-mm-dd", **top})
        self.moment = self.file.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", **top})
        people = header is TableHeader.LABELS
        self.sheets = {
            name: _Sheet(self, in_script(table.label, language) if people else name, table)
            for name, table in tables.items()
        }

    def title(self, column: Column) -> str:
        """The header of a column."""
        return in_script(title(column, self.header), self.language)

    def add(self, documents: Mapping[str, Sequence[str]]) -> None:
        """Add rows: name of a sheet → its documents in JSON.

        Each document is parsed once, for all the sheets that share its sequence.
        """
        sharing: dict[int, list[_Sheet]] = {}
        for name, texts in documents.items():
            sharing.setdefault(id(texts), []).append(self.sheets[name])
        for texts in {id(texts): texts for texts in documents.values()}.values():
            for document in map(json.loads, texts):
                for sheet in sharing[id(texts)]:
                    sheet.add(document)

    def close(self) -> None:
        """Finish the file."""
        for sheet in self.sheets.values():
            sheet.close()
        self.file.close()


def workbook_of(
    header: TableHeader,
    tables: Mapping[str, Table],
    documents: Mapping[str, Sequence[str]],
    language: str,
) -> bytes:
    """A small workbook in memory."""
    with TemporaryDirectory(prefix="workplan-") as folder:
        path = Path(folder) / "book.xlsx"
        book = Workbook(path, header, tables, language)
        book.add(documents)
        book.close()
        return path.read_bytes()
