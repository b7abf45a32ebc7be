"""What a notice says, as data: the classes that parsing fills and loading reads.

They are the source, not the tables: nested as the text is, with spans into the restored text.
`plan.yaml` is these classes written out.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from app.enums import MentionMode


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
class Clause:
    """An assignment clause without brackets, and the stretch of text that it is about."""

    text: str
    span: Span
    covers: Span


@dataclass(frozen=True)
class Assignment:
    """Who does what: the very words, and the agency that is meant.

    `clause` is the place of its clause in the task; None where only `rule`, a sentence of the
    document, gives the role.
    """

    agency: str
    role: str
    as_written: str
    inherited_prefix: str | None
    clause: int | None = 0
    rule: Span | None = None


@dataclass(frozen=True)
class Baseline:
    """The value that a target starts from, and its date where the notice has one."""

    value: Decimal
    as_of: date | None = None


@dataclass(frozen=True)
class Target:
    """One commitment with a figure, a full coverage, or a date."""

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
    baseline: Baseline | None
    strength: str
    due_on: date | None
    due_basis: str | None
    recurrence: str | None
    recurs_on: tuple[str, ...]  # MM-DD
    span: Span
    reason: str


@dataclass(frozen=True)
class Mention:
    """A platform that the text names, and what is done with it there."""

    platform: str
    as_written: str
    start: int
    end: int
    mode: str = MentionMode.MENTIONS


@dataclass
class Task:
    """An item （一）, a sub-item 1. of one, or what is below that.

    `label` is its number as printed, behind those of its parents: （十七）2.
    """

    id: str
    code: str
    ordinal: int
    label: str | None
    level: str
    title: str
    body: str | None
    span: Span
    clauses: list[Clause] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    sub_items: list["Task"] = field(default_factory=list)

    @property
    def is_leaf(self) -> bool:
        """It has no sub-items."""
        return not self.sub_items

    def walk(self) -> Iterator["Task"]:
        """The task and all below it, in the order of the text."""
        yield self
        for part in self.sub_items:
            yield from part.walk()


@dataclass
class Section:
    """A section 一、 with its intro and items."""

    id: str
    ordinal: int
    code: str
    label: str | None
    title: str
    intro: str | None
    span: Span
    targets: list[Target] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    items: list[Task] = field(default_factory=list)

    def tasks(self) -> list[Task]:
        """Its items and all below them, in the order of the text."""
        return [task for item in self.items for task in item.walk()]


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


@dataclass(frozen=True)
class Continuation:
    """What a person decided: that a task goes on from one of an earlier plan, or from none of it.

    Without tasks, that the plan as a whole goes on from that plan.
    """

    plan: str  # the earlier one
    reason: str
    here: str | None = None  # the code of a task of this plan
    there: str | None = None  # the code of the earlier task
    relation: str | None = None


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
    continues: list[Continuation] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    items: list[Task] = field(default_factory=list)  # of no section
    mentions: list[Mention] = field(default_factory=list)
    rejected_numbers: list[RejectedNumber] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)

    def tasks(self) -> list[Task]:
        """All tasks, in the order of the text."""
        items = [*self.items, *(item for section in self.sections for item in section.items)]
        items.sort(key=lambda item: item.span.start)
        return [task for item in items for task in item.walk()]

    def targets(self) -> list[Target]:
        """Targets of the intros and of the tasks."""
        of_intros = [target for section in self.sections for target in section.targets]
        return of_intros + [target for task in self.tasks() for target in task.targets]
