"""What the declaration of a kind says; see docs/decisions/0015-a-kind-is-declared-once.md."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pydantic import BaseModel

from app.enums import KeyRole
from app.formats.columns import Column, Table
from app.http.paths import list_path
from app.kinds.document import Document

About = tuple[list[tuple[str, Any]], str]  # labelled values, and a text


@dataclass(frozen=True, eq=False, kw_only=True)
class Kind:
    """A kind of thing that is published: what consults all kinds asks each of them here."""

    model: Any  # its table
    label: str  # 进展报告
    tag: str  # of its operations: what it is, in Chinese and English
    columns: Sequence[Column]  # of its table in exports
    title: Callable[[Document], str]  # one line, for feeds and messages
    message: Callable[[Document], About]  # what a robot's message says beside the title
    author: Callable[[Document], str | None] = lambda _: None  # who says it, where somebody does
    # Ids of the agencies that it concerns, beside those of its task and of what it refers to.
    agencies: Callable[[Document], Sequence[str]] = lambda _: ()
    refers_to: "Sequence[Kind]" = ()  # the kinds of the ids in its `refers_to`
    plan_member: str = "plan"  # names its plan, where it is of one
    more_sheets: Mapping[str, Table] = field(default_factory=dict)  # beside its own in a workbook
    sheets_in_plan: Mapping[str, Table] | None = None  # in the workbook of a plan, where others

    @cached_property
    def name(self) -> str:
        """As the change feed, events and files have it: `report`."""
        return str(self.model.__tablename__)

    @cached_property
    def path(self) -> str:
        """Where all of the kind are listed: `/v1/reports`."""
        return list_path(self.model)

    @cached_property
    def plural(self) -> str:
        """The last part of its path, which is its tag, its link and its list in a download."""
        return self.path.rpartition("/")[2]

    @cached_property
    def table(self) -> Table:
        """It as a table: the CSV of its list."""
        return Table(self.label, self.columns)

    @cached_property
    def sheets(self) -> Mapping[str, Table]:
        """The sheets of a workbook of its list."""
        return {self.name: self.table, **self.more_sheets}

    @cached_property
    def in_plan(self) -> Mapping[str, Table]:
        """Its sheets in the workbook of a whole plan."""
        return self.sheets if self.sheets_in_plan is None else self.sheets_in_plan


@dataclass(frozen=True)
class Searched:
    """What is searched of a document."""

    mark: str  # of its grams in the index: one character, never to be changed
    title: str  # the member that is its title
    body: Sequence[str] = ()
    references: Sequence[str] = ("id",)  # members by whose whole value it is found


@dataclass(frozen=True)
class Count:
    """A number in the service document: of all rows, or of those that meet a condition."""

    example: int
    name: str | None = None  # the plural of the kind
    description: str | None = None
    condition: Any = None  # that these rows meet


@dataclass(frozen=True, eq=False, kw_only=True)
class NoticeKind(Kind):
    """What a notice or a registry says; `projections/notice_documents.py` makes the documents."""

    search: Searched
    counts: Sequence[Count]


@dataclass(frozen=True, eq=False, kw_only=True)
class FactKind(Kind):
    """What agencies, coordinators or assessors add; its document is made of one statement's rows."""

    written_by: KeyRole
    schema: type[BaseModel]  # its document in the contract
    statement: Any  # a SELECT that begins with the row of the model
    document: Callable[[Any], Document]  # of a row of the statement
    in_download: str | None = None  # what the contract says of its list in a download
