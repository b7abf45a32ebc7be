"""The content of notices, and the registries of agencies, platforms and regions."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
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
    PlanStatus,
    PlatformKind,
    ProgressStatus,
    Role,
    Script,
    TargetKind,
    TaskLevel,
)

# Tasks without a due date come last; literal SQL, since an index cannot have parameters.
LAST_WITHOUT_DATE = "coalesce(due_on, '9999-12-31')"


class Plan(Published, Base):
    """A notice and its work plan."""

    __tablename__ = "plan"
    __table_args__ = (*orders(), STRICT)

    title: Mapped[str]
    document_number: Mapped[str] = mapped_column(unique=True)
    issuer: Mapped[str]
    issued_on: Mapped[date]
    year: Mapped[int]
    addressees: Mapped[list[str]]
    preamble: Mapped[str | None]
    closing: Mapped[str | None]
    status: Mapped[PlanStatus]
    received_script: Mapped[Script]
    raw_sha256: Mapped[str]
    text: Mapped[str]  # restored; every span counts its code points
    text_sha256: Mapped[str]


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
        *orders(["heading"]),
        span_check(),
        STRICT,
    )

    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"))
    ordinal: Mapped[int]
    label: Mapped[str]
    heading: Mapped[str]
    intro: Mapped[str | None]
    span_start: Mapped[int]
    span_end: Mapped[int]


class Task(Published, Base):
    """An item （一）, or a sub-item 1. of one."""

    __tablename__ = "task"
    __table_args__ = (
        UniqueConstraint("plan_id", "code"),
        *orders(["plan_id", "span_start"], ["item_number", "sub_number"], ["title"]),
        Index("ix_task_due_on", text(LAST_WITHOUT_DATE), "id"),
        CheckConstraint("(sub_number = 0) = (level = 'item')", name="sub_number"),
        CheckConstraint("(parent_id IS NULL) = (level = 'item')", name="parent"),
        span_check(),
        STRICT,
    )

    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"))
    section_id: Mapped[str] = mapped_column(ForeignKey("section.id"), index=True)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("task.id"), index=True)
    code: Mapped[str]
    item_number: Mapped[int]  # 17 of 17.2, so that 9 comes before 10
    sub_number: Mapped[int]  # 2 of 17.2; 0 for an item
    label: Mapped[str]
    level: Mapped[TaskLevel]
    is_leaf: Mapped[bool]
    title: Mapped[str]
    body: Mapped[str | None]
    assignment_clause: Mapped[str | None]
    due_on: Mapped[date | None]  # the earliest of its targets, for sorting
    span_start: Mapped[int]
    span_end: Mapped[int]
    # Computed from reports, see `app/resources/reports/progress.py`.
    status: Mapped[ProgressStatus] = mapped_column(server_default=ProgressStatus.NOT_REPORTED)
    reported_on: Mapped[date | None]


class Region(Base):
    """A place by its code in GB/T 2260."""

    __tablename__ = "region"
    __table_args__ = STRICT

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    aliases: Mapped[list[str]]


class Agency(Published, Base):
    """An agency that notices assign tasks to."""

    __tablename__ = "agency"
    __table_args__ = (*orders(["position"], ["name"]), STRICT)

    position: Mapped[int]  # order of the registry
    name: Mapped[str]
    official_name: Mapped[str]
    english_name: Mapped[str | None]
    kind: Mapped[AgencyKind]
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    aliases: Mapped[list[str]]


class CollectiveMember(Base):
    """Membership of an agency in a collective by a registry rule; delegations are separate."""

    __tablename__ = "collective_member"
    __table_args__ = STRICT

    agency_id: Mapped[str] = mapped_column(ForeignKey("agency.id"), primary_key=True)
    collective_id: Mapped[str] = mapped_column(
        ForeignKey("agency.id"), primary_key=True, index=True
    )


class Assignment(Base):
    """The role of an agency for a task, in the order of the clause."""

    __tablename__ = "assignment"
    __table_args__ = STRICT

    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"), primary_key=True)
    agency_id: Mapped[str] = mapped_column(ForeignKey("agency.id"), primary_key=True, index=True)
    role: Mapped[Role] = mapped_column(primary_key=True)
    position: Mapped[int]
    as_written: Mapped[str]


class Target(Published, Base):
    """One commitment of a task, or of a section's intro."""

    __tablename__ = "target"
    __table_args__ = (
        *orders(["plan_id", "span_start", "ordinal"], ["metric"], ["due_on"]),
        CheckConstraint("(kind = 'quantitative') = (value IS NOT NULL)", name="value"),
        CheckConstraint("(kind = 'quantitative') = (comparator IS NOT NULL)", name="compared"),
        span_check(),
        STRICT,
    )

    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"))
    section_id: Mapped[str] = mapped_column(ForeignKey("section.id"), index=True)
    task_id: Mapped[str | None] = mapped_column(ForeignKey("task.id"), index=True)
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
    due_on: Mapped[date]
    due_basis: Mapped[DueBasis]
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
    __table_args__ = (*orders(["position"], ["name"]), STRICT)

    position: Mapped[int]  # order of the registry
    name: Mapped[str]
    kind: Mapped[PlatformKind]
    aliases: Mapped[list[str]]


class Mention(Base):
    """A mention of a platform in a plan: in a task, else a section, else outside both."""

    __tablename__ = "mention"
    __table_args__ = (span_check(), STRICT)

    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"), primary_key=True)
    span_start: Mapped[int] = mapped_column(primary_key=True)
    span_end: Mapped[int]
    platform_id: Mapped[str] = mapped_column(ForeignKey("platform.id"), index=True)
    task_id: Mapped[str | None] = mapped_column(ForeignKey("task.id"), index=True)
    as_written: Mapped[str]


class Place(Base):
    """A city that a task mentions, in the order of the text."""

    __tablename__ = "place"
    __table_args__ = STRICT

    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"), primary_key=True)
    region_code: Mapped[str] = mapped_column(
        ForeignKey("region.code"), primary_key=True, index=True
    )
    position: Mapped[int]


class KnownName(Base):
    """Every name that identifies a resource in filters, normalised by `folding.search_key`."""

    __tablename__ = "known_name"
    __table_args__ = STRICT

    resource: Mapped[str] = mapped_column(primary_key=True)  # agency, plan, platform, region
    key: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
