"""XLSX → tables with named columns, sheet by sheet, as they are shown."""

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter

from seed.intake.archives import Archive, damaged, local, parse_xml
from seed.intake.blocks import Block, Cell, Extraction, IntakeQuestion, Origin, SetAside
from seed.intake.cell_values import shown
from seed.intake.tables import MOST_CELLS, Row, parted, read_table
from seed.refusals import NoticeRefusedError


@dataclass
class _Book:
    """What has been read of the sheets so far."""

    blocks: list[Block] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)
    questions: list[IntakeQuestion] = field(default_factory=list)
    tables: int = 0

    def ask(self, kind: str, found: str, expected: str, origin: Origin) -> None:
        self.questions.append(IntakeQuestion(kind, found, expected, None, origin))


def read_xlsx(data: bytes) -> Extraction:
    """The tables of a workbook.

    Raises NoticeRefusedError for what is damaged, locked or too large.
    """
    archive = Archive(data)
    has_formulas = False
    book = _Book()
    for name in sorted(archive.names):
        if not name.endswith((".xml", ".rels", ".vml")):
            continue
        part = archive.read(name)
        if name.endswith(".vml"):
            continue
        root = parse_xml(part)  # refuses what openpyxl must not see
        if name.startswith("xl/worksheets/"):
            has_formulas = has_formulas or b"<f" in part
        if name.startswith("xl/drawings/"):
            words = " ".join(each.text for each in root.iter() if local(each) == "t" and each.text)
            if words:
                book.set_aside.append(SetAside("text box", words, Origin()))
    pictures = sum(name.startswith("xl/media/") for name in archive.names)
    if pictures:
        book.ask(
            "image",
            f"{pictures} pictures in the workbook",
            "what they say, where they hold words of the notice",
            Origin(),
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of parts that openpyxl does not keep
            values = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
            formulas = openpyxl.load_workbook(io.BytesIO(data)) if has_formulas else None
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 (openpyxl raises anything on a damaged file)
        raise damaged() from None
    for sheet in values.worksheets:
        _read_sheet(sheet, formulas[sheet.title] if formulas else None, book)
    return Extraction("xlsx", tuple(book.blocks), tuple(book.set_aside), tuple(book.questions))


def _read_sheet(sheet: Any, formulas: Any, book: _Book) -> None:
    rows = _rows(sheet, formulas, book)
    if sheet.sheet_state != "visible":
        words = " ".join(cell.text for row in rows for cell in row if cell.text)
        if words:
            book.set_aside.append(SetAside("hidden sheet", words, Origin(sheet=sheet.title)))
        return
    rows = _shown_rows(sheet, rows, book)
    for part in parted(rows):
        book.tables += 1
        origin = Origin(sheet=sheet.title, table=book.tables, row=part[0][0].origin.row)
        found = read_table(part, origin, len(book.blocks))
        book.blocks += found.blocks
        book.set_aside += found.set_aside
        book.questions += found.questions


def _rows(sheet: Any, formulas: Any, book: _Book) -> list[Row]:
    """All rows up to the last that holds something; merged cells hand their words on."""
    filled = (
        [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
        if (sheet.max_row * sheet.max_column <= MOST_CELLS)
        else None
    )
    if filled is None:
        raise NoticeRefusedError(
            None,
            f"the sheet {sheet.title} of {sheet.max_row} rows and {sheet.max_column} columns",
            f"at most {MOST_CELLS} cells: copy what is filled into a new workbook",
        )
    height = max((cell.row for cell in filled), default=0)
    width = max((cell.column for cell in filled), default=0)
    texts: dict[tuple[int, int], Cell] = {}
    for cell in filled:
        texts[cell.row, cell.column] = _cell(cell, sheet, book)
    if formulas is not None:
        _ask_about_formulas(sheet, formulas, book)
    for merged in sheet.merged_cells.ranges:
        first = texts.get((merged.min_row, merged.min_col))
        if first is None:
            continue
        width = max(width, min(merged.max_col, sheet.max_column))
        height = max(height, min(merged.max_row, sheet.max_row))
        for row in range(merged.min_row, min(merged.max_row, sheet.max_row) + 1):
            for column in range(merged.min_col, min(merged.max_col, sheet.max_column) + 1):
                if (row, column) != (merged.min_row, merged.min_col):
                    origin = Origin(sheet=sheet.title, row=row, column=column)
                    texts[row, column] = Cell(first.text, origin, is_inherited=True)
    return [
        tuple(
            texts.get((row, column)) or Cell("", Origin(sheet=sheet.title, row=row, column=column))
            for column in range(1, width + 1)
        )
        for row in range(1, height + 1)
    ]


def _cell(cell: Any, sheet: Any, book: _Book) -> Cell:
    origin = Origin(sheet=sheet.title, row=cell.row, column=cell.column)
    text, is_known = shown(cell.value, cell.number_format)
    if not is_known:
        book.ask("number_format", text, f"how the format {cell.number_format} shows it", origin)
    if cell.data_type == "e":
        book.ask("cell_error", text, "the value of the cell", origin)
    if cell.font and cell.font.strike:
        book.ask("struck_through", text, "whether these words still hold", origin)
    if cell.comment:
        book.set_aside.append(SetAside("comment", cell.comment.text.strip(), origin))
    return Cell(text, origin)


def _ask_about_formulas(sheet: Any, formulas: Any, book: _Book) -> None:
    for row in formulas.iter_rows():
        for cell in row:
            if cell.data_type == "f" and sheet.cell(cell.row, cell.column).value is None:
                origin = Origin(sheet=sheet.title, row=cell.row, column=cell.column)
                book.ask(
                    "formula_without_value",
                    "a formula",
                    "its value: open and save the file",
                    origin,
                )


def _shown_rows(sheet: Any, rows: Sequence[Row], book: _Book) -> list[Row]:
    """Rows and columns that are not hidden; a filter hides rows, too, so each is a question."""
    columns: set[int] = set()
    for letter, dimension in sheet.column_dimensions.items():
        if dimension.hidden:
            first = dimension.min or 0
            columns |= set(range(first, min(dimension.max or first, sheet.max_column) + 1))
            columns |= {c for c in range(1, sheet.max_column + 1) if get_column_letter(c) == letter}
    hidden = {number for number, dimension in sheet.row_dimensions.items() if dimension.hidden}
    visible: list[Row] = []
    unseen: list[str] = []
    for number, row in enumerate(rows, 1):
        if number in hidden:
            unseen += [cell.text for cell in row if cell.text]
            continue
        unseen += [row[c - 1].text for c in sorted(columns) if c <= len(row) and row[c - 1].text]
        visible.append(tuple(cell for c, cell in enumerate(row, 1) if c not in columns))
    if unseen:
        place = Origin(sheet=sheet.title)
        book.set_aside.append(SetAside("hidden rows and columns", " ".join(unseen), place))
        book.ask(
            "hidden_cells",
            f"{len(unseen)} cells in hidden rows or columns",
            "whether they belong to the notice: show them, or remove them",
            place,
        )
    return [row for row in visible if row]
