"""The declaration of a kind; see docs/decisions/0015-a-kind-is-declared-once.md."""

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
    """A kind of published resource, with everything that code for all kinds needs."""

    model: Any  # its table
    schema: type[BaseModel]  # its document in the contract
    label: str  # 进展报告
    tag: str  # tag of its operations, in Chinese and English
    columns: Sequence[Column]  # of its table in exports
    title: Callable[[Document], str]  # one line, for feeds and messages
    message: Callable[[Document], About]  # content of a robot's message, besides the title
    author: Callable[[Document], str | None] = lambda _: (
        None
    )  # the reporting agency or assessor, if any
    # Ids of concerned agencies, besides those of its task and of the facts that it refers to.
    agencies: Callable[[Document], Sequence[str]] = lambda _: ()
    refers_to: "Sequence[Kind]" = ()  # the kinds of the ids in its `refers_to`
    plan_member: str = "plan"  # the member with its plan, if it has one
    has_page: bool = False  # of its own; else it is shown on that of its task or plan
    shown_at: str | None = None  # the page of all of its kind, if that shows it
    more_sheets: Mapping[str, Table] = field(
        default_factory=dict
    )  # additional sheets of a workbook
    sheets_in_plan: Mapping[str, Table] | None = (
        None  # sheets in the workbook of a plan, if different
    )
    # For a change of shape that readers of old versions must see: from each shape to the next.
    upgrades: Sequence[Callable[[Document], Document]] = ()

    @cached_property
    def name(self) -> str:
        """Its name in the change feed, events and files: `report`."""
        return str(self.model.__tablename__)

    @cached_property
    def path(self) -> str:
        """The path of its list: `/v1/reports`."""
        return list_path(self.model)

    @property
    def shape(self) -> int:
        """The number of its current shape; versions record theirs."""
        return len(self.upgrades)

    @cached_property
    def plural(self) -> str:
        """The name of its tag, link and list in a download: `reports`."""
        return self.path.rpartition("/")[2].replace("-", "_")

    def html_url(self, document: Document) -> str:
        """The path of the page that shows a document, without host and prefix."""
        if self.has_page:
            return f"/{self.plural}/{document['id']}"
        if self.shown_at:
            return f"{self.shown_at}#{document['id']}"
        if task := document.get("task"):
            return f"/tasks/{task['id']}#{document['id']}"
        plan = document.get(self.plan_member)
        return f"/plans/{plan}#{document['id']}" if plan else "/plans"

    @cached_property
    def table(self) -> Table:
        """The table of its list in CSV."""
        return Table(self.label, self.columns)

    @cached_property
    def sheets(self) -> Mapping[str, Table]:
        """The sheets of its list in a workbook."""
        return {self.name: self.table, **self.more_sheets}

    @cached_property
    def in_plan(self) -> Mapping[str, Table]:
        """Its sheets in the workbook of a whole plan."""
        return self.sheets if self.sheets_in_plan is None else self.sheets_in_plan


@dataclass(frozen=True)
class Searched:
    """The searchable members of a document."""

    mark: str  # prefix of its grams in the index: one character, never changed
    title: str  # the member with its title
    body: Sequence[str] = ()
    references: Sequence[str] = ("id",)  # members that identify it as a whole


@dataclass(frozen=True)
class Count:
    """A number in the service document: of all rows, or of those whose tally is like a pattern."""

    example: int
    name: str | None = None  # the plural of the kind
    description: str | None = None
    held: str | None = None  # pattern of what counted tasks are, see `projections/tallies.py`


@dataclass(frozen=True, eq=False, kw_only=True)
class NoticeKind(Kind):
    """A kind from notices or registries; `projections/notice_documents.py` builds its documents."""

    search: Searched
    counts: Sequence[Count]


@dataclass(frozen=True, eq=False, kw_only=True)
class FactKind(Kind):
    """A kind of fact, added by agencies, coordinators or assessors; one statement reads its rows."""

    written_by: KeyRole
    statement: Any  # a SELECT whose first column is the model
    document: Callable[[Any], Document]  # makes the document from a row of the statement
    in_download: str | None = None  # description of its list in a download
    written_by_operation: str | None = None  # if it is not created, and withdrawn or changed
