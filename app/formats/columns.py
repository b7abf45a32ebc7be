"""Columns of exported tables, with names for programs and labels for people.

A table for programs has member names in its header, and both values and labels of closed sets.
A table for people has Chinese labels in its header, and only the labels of closed sets.
Each kind declares its columns in `app/kinds/`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from app.enums import TableHeader

Document = Mapping[str, Any]
Rows = Callable[[Document], Iterable[Document]]


class Content(Enum):
    """The content type of a column."""

    TEXT = auto()
    PROSE = auto()  # as long as a paragraph
    CODE = auto()  # a value of a closed set; the next column has its label
    NUMBER = auto()
    FLAG = auto()
    DATE = auto()
    MOMENT = auto()


@dataclass(frozen=True)
class Column:
    """One column: `value` extracts it from a row."""

    name: str
    label: str
    value: Callable[[Document], Any]
    content: Content = Content.TEXT
    width: int = 16  # half-width characters


@dataclass(frozen=True)
class Table:
    """A sheet: `rows` makes the rows of each document."""

    label: str
    columns: Sequence[Column]
    rows: Rows = lambda document: (document,)

    def columns_of(self, header: TableHeader) -> Sequence[Column]:
        """The columns of a table with this header."""
        if header is TableHeader.NAMES:
            return self.columns
        return [column for column in self.columns if column.content is not Content.CODE]

    def values(
        self, documents: Iterable[Document], columns: Sequence[Column]
    ) -> Iterator[list[Any]]:
        """Values row by row: text, numbers, booleans, None."""
        for document in documents:
            for row in self.rows(document):
                yield [column.value(row) for column in columns]


def text(name: str, label: str, content: Content = Content.TEXT, width: int = 16) -> Column:
    """A column for a member of a row; the functions below set its content type."""
    return Column(name, label, lambda row: row[name], content, width)


def prose(name: str, label: str) -> Column:
    """As long as a paragraph."""
    return text(name, label, Content.PROSE, 60)


def number(name: str, label: str) -> Column:
    """A number."""
    return text(name, label, Content.NUMBER, 10)


def flag(name: str, label: str) -> Column:
    """A boolean."""
    return text(name, label, Content.FLAG, 10)


def day(name: str, label: str) -> Column:
    """A date."""
    return text(name, label, Content.DATE, 12)


def instant(name: str, label: str) -> Column:
    """A date and time."""
    return text(name, label, Content.MOMENT, 20)


def closed_set(name: str, label: str) -> list[Column]:
    """A value of a closed set, and its label."""
    return [text(name, label, Content.CODE, 12), text(f"{name}_label", label, width=12)]


def inside(name: str, *columns: Column) -> list[Column]:
    """Members of a nested object: `title` of `section` as `section_title`; empty if it is null."""

    def of(column: Column) -> Column:
        def value(row: Document) -> Any:
            member = row[name]
            return None if member is None else column.value(member)

        return Column(f"{name}_{column.name}", column.label, value, column.content, column.width)

    return [of(column) for column in columns]


def listed(
    column: str, label: str, name: str, member: str | None = None, between: str = "、"
) -> Column:
    """A list in one cell."""

    def value(row: Document) -> str:
        return between.join(one[member] if member else one for one in row[name])

    return Column(column, label, value, width=28)


def reference(name: str, label: str, member: str = "title", width: int = 30) -> list[Column]:
    """A reference: its id and its title."""
    return inside(name, text("id", f"{label}编号", width=18), text(member, label, width=width))


ID = text("id", "编号", width=20)
PLAN = text("plan", "工作要点", width=14)
EXAMPLE = [flag("is_example", "示例")]
JURISDICTION = inside("jurisdiction", text("code", "区划代码", width=10), text("name", "政府"))
WHOSE = [*JURISDICTION, *EXAMPLE]
SPAN = inside("span", number("start", "起"), number("end", "止"))
CHANGED = [number("version", "版本"), instant("changed_at", "变更时间")]
