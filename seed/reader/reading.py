"""What reading gives: a plan as data, what rules explain, and the questions that are open."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from seed.reader.clauses import Clause
from seed.reader.columns import Columns
from seed.reader.explained import Explained
from seed.reader.frame import Frame
from seed.reader.name_lists import Assignment
from seed.reader.outline import Outline, Part
from seed.reader.statements import Found
from seed.reader.text import Paragraph, Span, Text

LEVELS = ("item", "subitem", "measure", "point")


@dataclass(frozen=True)
class Question:
    """What a person must decide: its place, what was expected there, and what could be accepted."""

    kind: str
    text: str
    span: Span | None
    expected: str
    proposal: str | None = None
    spans: tuple[Span, ...] = ()  # of one that was grouped: every place

    @property
    def places(self) -> tuple[Span, ...]:
        """Where the words stand."""
        return self.spans or ((self.span,) if self.span else ())


@dataclass
class ReadSection:
    """A section with its own clauses and targets."""

    ordinal: int
    code: str
    label: str | None
    title: str
    span: Span
    intro: list[Span] = field(default_factory=list)
    clauses: list[Clause] = field(default_factory=list)
    targets: list[Found] = field(default_factory=list)
    part: Part | None = None


@dataclass
class ReadTask:
    """A task with its clauses and targets."""

    code: str
    label: str | None
    title: str
    level: str
    section: str | None
    parent: str | None
    span: Span
    own: list[Span] = field(default_factory=list)  # its words, without label, title and children
    clauses: list[Clause] = field(default_factory=list)
    by_rule: list[Assignment] = field(default_factory=list)
    targets: list[Found] = field(default_factory=list)
    part: Part | None = None
    row: Paragraph | None = None


@dataclass(frozen=True)
class Indicator:
    """A row of a table of indicators, and whose its figures are."""

    owner: ReadSection | ReadTask
    row: Paragraph
    columns: Columns
    metric: Span


@dataclass
class Reading:
    """A notice as read."""

    text: Text
    jurisdiction: str
    frame: Frame
    outline: Outline
    sections: list[ReadSection] = field(default_factory=list)
    tasks: list[ReadTask] = field(default_factory=list)
    explained: list[Explained] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    indicators: list[Indicator] = field(default_factory=list)

    def clauses(self) -> Iterator[tuple[ReadSection | ReadTask, Clause]]:
        """All clauses with whose they are, in the order of the text."""
        for owner in self.owners():
            for clause in owner.clauses:
                yield owner, clause

    def owners(self) -> list[ReadSection | ReadTask]:
        """Sections and tasks in the order of the text."""
        every: list[ReadSection | ReadTask] = [*self.sections, *self.tasks]
        return sorted(every, key=lambda one: (one.span.start, -one.span.end))

    def targets(self) -> Iterator[tuple[ReadSection | ReadTask, Found]]:
        """All targets with whose they are, in the order of the text."""
        for owner in self.owners():
            for target in owner.targets:
                yield owner, target
