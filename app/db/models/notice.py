"""The content of notices, and the registries of governments, agencies and platforms."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import STRICT, Base, Published, orders, span_check
from app.enums import (
    AgencyKind,
    AttainmentStatus,
    Certainty,
    Comparator,
    CorrectionKind,
    Direction,
    DueBasis,
    JurisdictionLevel,
    MentionMode,
    PlanKind,
    PlanStatus,
    PlatformKind,
    ProgressStatus,
    Recurrence,
    Role,
    Script,
    Strength,
    SuccessionKind,
    TargetKind,
    TaskLevel,
)

# Rows without a due date come last in both orders; literal SQL, since an index cannot have parameters.
LAST_WITHOUT_DATE = "coalesce(due_on, '9999-12-31')"
LAST_WITHOUT_DATE_REVERSED = "coalesce(due_on, '0001-01-01')"


def _by_due_date(table: str) -> list[Index]:
    return [
        Index(f"ix_{table}_due_on", text(LAST_WITHOUT_DATE), "id"),
        Index(f"ix_{table}_due_on_reversed", text(LAST_WITHOUT_DATE_REVERSED), "id"),
    ]


def _in_period(table: str, **sorts: Sequence[Any]) -> list[Index]:
    """An index for each order of the rows of a period, with the id as tie-breaker."""
    return [
        Index(f"ix_{table}_period_{name}", "period", *columns, "id")
        for name, columns in {**sorts, "changed_at": ["changed_at"]}.items()
    ]


DUE = {"due_on": [text(LAST_WITHOUT_DATE)], "due_on_reversed": [text(LAST_WITHOUT_DATE_REVERSED)]}


class Region(Base):
    """A government, which is also a place, by its code in GB/T 2260."""

    __tablename__ = "region"
    __table_args__ = STRICT

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    level: Mapped[JurisdictionLevel]
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"), index=True)
    # The codes from the nation's down to its own, separated by /: a government is within those of its path.
    path: Mapped[str]
    aliases: Mapped[list[str]]
    is_example: Mapped[bool]  # does not exist; made up to show how the service works


class Jurisdiction(Published, Base):
    """A government that has plans or agencies; its id is the code."""

    __tablename__ = "jurisdiction"
    __table_args__ = (ForeignKeyConstraint(["id"], ["region.code"]), *orders(["name"]), STRICT)

    name: Mapped[str]


class Plan(Published, Base):
    """A notice and its work plan."""

    __tablename__ = "plan"
    __table_args__ = (
        *orders(),
        CheckConstraint("(period_start_on IS NULL) = (period_end_on IS NULL)", name="period"),
        CheckConstraint("period_start_on <= period_end_on", name="period_order"),
        STRICT,
    )

    jurisdiction_code: Mapped[str] = mapped_column(ForeignKey("region.code"), index=True)
    title: Mapped[str]
    document_number: Mapped[str | None] = mapped_column(unique=True)
    issuer: Mapped[str | None]
    issued_on: Mapped[date | None]
    period_start_on: Mapped[date | None]
    period_end_on: Mapped[date | None]
    year: Mapped[int | None]  # of a period that is one calendar year
    kind: Mapped[PlanKind]
    series: Mapped[str | None] = mapped_column(index=True)  # what goes on from year to year
    supersedes_id: Mapped[str | None] = mapped_column(index=True)  # it may not be loaded
    addressees: Mapped[list[str]]
    preamble: Mapped[str | None]
    closing: Mapped[str | None]
    status: Mapped[PlanStatus]
    received_script: Mapped[Script]
    raw_sha256: Mapped[str]
    text: Mapped[str]  # restored; every span counts its code points
    text_sha256: Mapped[str]
    source_address: Mapped[str | None]
    source_retrieved_on: Mapped[date | None]
    # Of a PDF; null for other sources, and for plans of releases that did not record it.
    # Each has number, start, end, width, height, and image, a SHA-256 or null.
    source_pages: Mapped[list[Any] | None]
    source_lines: Mapped[list[Any] | None]  # [start, end, page, x, y, width, height]
    # Who read it, and how; null for plans of releases that did not record it.
    read_on: Mapped[date | None]
    read_by: Mapped[str | None]
    checked_on: Mapped[date | None]
    checked_by: Mapped[str | None]
    explained_share: Mapped[Decimal | None]
    set_aside_share: Mapped[Decimal | None]
    signs_acknowledged: Mapped[int | None]


class PageImage(Base):
    """A picture of a page of the PDF that a plan came in, as WebP."""

    __tablename__ = "page_image"
    __table_args__ = STRICT

    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes]


class PlanYear(Base):
    """A calendar year that a plan's period covers at least a day of."""

    __tablename__ = "plan_year"
    __table_args__ = (Index(None, "year", "plan_id"), STRICT)

    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class Correction(Base):
    """A correction of the received text, in the order of the text."""

    __tablename__ = "correction"
    __table_args__ = (span_check(), STRICT)

    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[CorrectionKind]
    raw: Mapped[str]
    text: Mapped[str]
    certainty: Mapped[Certainty]
    reason: Mapped[str | None]
    span_start: Mapped[int]
    span_end: Mapped[int]


class Section(Published, Base):
    """A section 一、 of a plan."""

    __tablename__ = "section"
    __table_args__ = (
        UniqueConstraint("plan_id", "ordinal"),
        *orders(["title"]),
        *_in_period("section", notice=["plan_id", "ordinal"], title=["title"]),
        span_check(),
        STRICT,
    )

    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"))
    period: Mapped[str]  # of its plan: the first year and the last, 2022-2022; empty if it has none
    ordinal: Mapped[int]
    code: Mapped[str]
    label: Mapped[str | None]
    title: Mapped[str]
    intro: Mapped[str | None]
    span_start: Mapped[int]
    span_end: Mapped[int]


class Task(Published, Base):
    """An item （一）, a sub-item 1. of one, or what is below that."""

    __tablename__ = "task"
    __table_args__ = (
        UniqueConstraint("plan_id", "code"),
        *orders(["plan_id", "span_start"], ["code_key"], ["title"]),
        *_by_due_date("task"),
        *_in_period(
            "task", notice=["plan_id", "span_start"], code=["code_key"], title=["title"], **DUE
        ),
        # For counting without reading the rows, which hold the documents.
        Index(None, "level", "is_leaf", "status", "withdrawn_at"),
        Index("ix_task_of_status", "period", "status", "stated_due_on", "due_on", "withdrawn_at"),
        CheckConstraint("(parent_id IS NULL) = (level = 'item')", name="parent"),
        span_check(),
        STRICT,
    )

    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"))
    period: Mapped[str]  # as that of a section
    section_id: Mapped[str | None] = mapped_column(ForeignKey("section.id"), index=True)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("task.id"), index=True)
    code: Mapped[str]
    code_key: Mapped[str]  # sorts as the code with its numbers as numbers, see `seed/rows.py`
    ordinal: Mapped[int]  # 2 of 17.2
    label: Mapped[str | None]  # as printed, behind those of its parents: （十七）2
    level: Mapped[TaskLevel]
    is_leaf: Mapped[bool]
    title: Mapped[str]
    body: Mapped[str | None]
    assignment_clauses: Mapped[list[Any]]  # {text, span, covers}, in the order of the text
    due_on: Mapped[date | None]  # the earliest of its targets, for sorting
    stated_due_on: Mapped[date | None]  # the earliest that the notice states
    span_start: Mapped[int]
    span_end: Mapped[int]
    # Computed from reports, see `app/resources/reports/progress.py`.
    status: Mapped[ProgressStatus] = mapped_column(server_default=ProgressStatus.NOT_REPORTED)
    reported_on: Mapped[date | None]


class Agency(Published, Base):
    """An agency that notices assign tasks to."""

    __tablename__ = "agency"
    __table_args__ = (*orders(["position"], ["name"]), Index(None, "held", "withdrawn_at"), STRICT)

    position: Mapped[int]  # order of the registry
    name: Mapped[str]
    official_name: Mapped[str]
    english_name: Mapped[str | None]
    kind: Mapped[AgencyKind]
    jurisdiction_code: Mapped[str] = mapped_column(ForeignKey("region.code"), index=True)
    names: Mapped[list[Any]]  # official names: {name, valid_from, valid_to}
    aliases: Mapped[list[str]]
    held: Mapped[str] = mapped_column(default="")  # years and roles; see `projections/held.py`


class Succession(Base):
    """An agency that went over into another one."""

    __tablename__ = "succession"
    __table_args__ = STRICT

    successor_id: Mapped[str] = mapped_column(ForeignKey("agency.id"), primary_key=True)
    predecessor_id: Mapped[str] = mapped_column(
        ForeignKey("agency.id"), primary_key=True, index=True
    )
    happened_on: Mapped[date | None]
    kind: Mapped[SuccessionKind]


class CollectiveMember(Base):
    """Membership of an agency in a collective by a registry rule; delegations are separate."""

    __tablename__ = "collective_member"
    __table_args__ = STRICT

    agency_id: Mapped[str] = mapped_column(ForeignKey("agency.id"), primary_key=True)
    collective_id: Mapped[str] = mapped_column(
        ForeignKey("agency.id"), primary_key=True, index=True
    )


class Assignment(Base):
    """The role of an agency for a task, in the order of its clauses.

    An agency may have the same role by several clauses of a task, so tasks are counted distinctly.
    """

    __tablename__ = "assignment"
    __table_args__ = (Index(None, "agency_id", "role"), STRICT)

    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    agency_id: Mapped[str] = mapped_column(ForeignKey("agency.id"))
    role: Mapped[Role]
    as_written: Mapped[str]
    clause: Mapped[int | None]  # its place in the task's clauses, from 0
    rule_start: Mapped[int | None]  # the sentence of the document that gives the role
    rule_end: Mapped[int | None]


class Target(Published, Base):
    """One commitment of a task, or of a section's intro."""

    __tablename__ = "target"
    __table_args__ = (
        *orders(["plan_id", "span_start", "ordinal"], ["code_key", "ordinal"], ["metric"]),
        *_by_due_date("target"),
        *_in_period(
            "target",
            notice=["plan_id", "span_start", "ordinal"],
            code=["code_key", "ordinal"],
            title=["metric"],
            **DUE,
        ),
        # For counting without reading the rows.
        Index(
            "ix_target_of_attainment", "period", "attainment", "due_basis", "due_on", "withdrawn_at"
        ),
        CheckConstraint("(due_on IS NULL) = (due_basis IS NULL)", name="due"),
        CheckConstraint("(kind = 'quantitative') = (value IS NOT NULL)", name="value"),
        CheckConstraint("(kind = 'quantitative') = (comparator IS NOT NULL)", name="compared"),
        span_check(),
        STRICT,
    )

    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"))
    period: Mapped[str]  # as that of a section
    section_id: Mapped[str | None] = mapped_column(ForeignKey("section.id"), index=True)
    task_id: Mapped[str | None] = mapped_column(ForeignKey("task.id"), index=True)
    code_key: Mapped[str]  # that of its task; empty for a section's own targets, which come first
    ordinal: Mapped[int]  # 3 of …-k3
    metric: Mapped[str]
    statement: Mapped[str]
    kind: Mapped[TargetKind]
    comparator: Mapped[Comparator | None]
    value: Mapped[Decimal | None]
    value_upper: Mapped[Decimal | None]
    unit: Mapped[str | None]
    as_written: Mapped[str | None]
    is_cumulative: Mapped[bool]
    is_average: Mapped[bool]
    direction: Mapped[Direction | None]
    scope: Mapped[str | None]
    baseline: Mapped[Decimal | None]
    baseline_on: Mapped[date | None]
    strength: Mapped[Strength]
    due_on: Mapped[date | None]
    due_basis: Mapped[DueBasis | None]
    recurrence: Mapped[Recurrence | None]
    recurs_on: Mapped[list[str]]  # MM-DD
    span_start: Mapped[int]
    span_end: Mapped[int]
    # Computed from measurements, see `app/resources/measurements/attainment.py`.
    attainment: Mapped[AttainmentStatus] = mapped_column(
        server_default=AttainmentStatus.NOT_REPORTED
    )
    latest_value: Mapped[Decimal | None]
    measured_on: Mapped[date | None]


class Platform(Published, Base):
    """A system, brand or initiative that notices mention."""

    __tablename__ = "platform"
    __table_args__ = (*orders(["position"], ["name"]), Index(None, "held", "withdrawn_at"), STRICT)

    position: Mapped[int]  # order of the registry
    name: Mapped[str]
    kind: Mapped[PlatformKind]
    # Whose it is, by a region that may not be there; null: nationwide.
    scope_code: Mapped[str | None]
    aliases: Mapped[list[str]]
    held: Mapped[str] = mapped_column(default="")  # years and modes; see `projections/held.py`


class Mention(Base):
    """A mention of a platform in a plan: in a task, else a section, else outside both."""

    __tablename__ = "mention"
    __table_args__ = (Index(None, "platform_id", "plan_id", "span_start"), span_check(), STRICT)

    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"), primary_key=True)
    span_start: Mapped[int] = mapped_column(primary_key=True)
    span_end: Mapped[int]
    platform_id: Mapped[str] = mapped_column(ForeignKey("platform.id"))
    task_id: Mapped[str | None] = mapped_column(ForeignKey("task.id"), index=True)
    as_written: Mapped[str]
    mode: Mapped[MentionMode]


class Place(Base):
    """A city that a task mentions, in the order of the text."""

    __tablename__ = "place"
    __table_args__ = STRICT

    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"), primary_key=True)
    region_code: Mapped[str] = mapped_column(
        ForeignKey("region.code"), primary_key=True, index=True
    )
    position: Mapped[int]


class LoadedRegistry(Base):
    """The registry entries of a government at its last load, to see what has changed."""

    __tablename__ = "loaded_registry"
    __table_args__ = STRICT

    jurisdiction_code: Mapped[str] = mapped_column(primary_key=True)  # empty: of no government
    sha256: Mapped[str]


class KnownName(Base):
    """Every name that identifies a resource in filters, normalised by `folding.search_key`."""

    __tablename__ = "known_name"
    __table_args__ = (Index(None, "resource", "id"), STRICT)

    resource: Mapped[str] = mapped_column(primary_key=True)  # agency, plan, platform, region
    key: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    # Whose name it is; null for names that belong to no government.
    jurisdiction_code: Mapped[str | None]
    is_short: Mapped[bool]  # 公安厅 of 省公安厅: a name inside its own government only
