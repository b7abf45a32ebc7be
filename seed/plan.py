"""What a notice says, as data: the classes that parsing fills and loading reads.

They are the source, not the tables: nested as the text is, with spans into the restored text.
`plan.yaml` is these classes written out.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Span:
    """Code points of the restored text, end exclusive."""

    start: int
    end: int


@dataclass(frozen=True)
class Node:
    """A stretch of text and what it is; together the nodes are the whole text."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class Assignment:
    """Who does what: the very words, and the agency that is meant."""

    agency: str
    role: str
    as_written: str
    inherited_prefix: str | None


@dataclass(frozen=True)
class Target:
    """One commitment with a figure, a full coverage, or a date; see `design` in docs/notices.md."""

    id: str
    metric: str
    statement: str
    kind: str
    comparator: str | None
    value: Decimal | None
    value_upper: Decimal | None
    unit: str | None
    as_written: str | None
    is_cumulative: bool
    is_average: bool
    direction: str | None
    scope: str | None
    due_on: date
    due_basis: str
    span: Span
    reason: str


@dataclass(frozen=True)
class Mention:
    """A platform that the text names."""

    platform: str
    as_written: str
    start: int
    end: int


@dataclass
class Task:
    """An item （一） or a sub-item 1. of it."""

    id: str
    code: str
    ordinal: int
    label: str
    level: str
    title: str
    body: str | None
    assignment_clause: str | None
    span: Span
    assignments: list[Assignment] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    sub_items: list["Task"] = field(default_factory=list)

    @property
    def is_leaf(self) -> bool:
        """An agency is responsible for it: it has no sub-items."""
        return not self.sub_items


@dataclass
class Section:
    """A section 一、 with its intro and items."""

    id: str
    ordinal: int
    label: str
    heading: str
    intro: str | None
    span: Span
    targets: list[Target] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    items: list[Task] = field(default_factory=list)

    def tasks(self) -> list[Task]:
        """Items and sub-items, in the order of the text."""
        return [task for item in self.items for task in (item, *item.sub_items)]


@dataclass(frozen=True)
class RejectedNumber:
    """A number in the text that is no target, and why."""

    text: str
    start: int
    end: int
    reason: str


@dataclass(frozen=True)
class Period:
    """The first and the last day of what a plan is for."""

    start_on: date
    end_on: date

    @property
    def year(self) -> int | None:
        """The calendar year that it is, if it is one."""
        start, end = self.start_on, self.end_on
        is_year = (start.month, start.day, end.month, end.day) == (1, 1, 12, 31)
        return start.year if is_year and start.year == end.year else None


@dataclass(frozen=True)
class PlanReading:
    """Who read and who checked a notice, and what became of its words; see `reader/account.py`."""

    read_on: date | None
    read_by: str | None
    checked_on: date | None
    checked_by: str | None
    explained_share: Decimal
    set_aside_share: Decimal
    signs_acknowledged: int


@dataclass
class Plan:
    """A notice and its work plan."""

    id: str
    title: str
    kind: str
    document_number: str | None
    issuer: str | None
    issued_on: date | None
    period: Period | None
    series: str | None
    supersedes: str | None
    addressees: list[str]
    preamble: str | None
    closing: str | None
    status: str
    jurisdiction: str
    reading: PlanReading
    sections: list[Section] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    rejected_numbers: list[RejectedNumber] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)

    def tasks(self) -> list[Task]:
        """Items and sub-items of all sections, in the order of the text."""
        return [task for section in self.sections for task in section.tasks()]

    def targets(self) -> list[Target]:
        """Targets of the intros and of the tasks."""
        of_intros = [target for section in self.sections for target in section.targets]
        return of_intros + [target for task in self.tasks() for target in task.targets]
