"""Facts that agencies, coordinators and assessors add to a plan."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db.models.base import STRICT, AppendOnly, Base, Fact, orders
from app.enums import ErrorOutcome, MilestoneChangeKind, MilestoneStatus, ReportedStatus, Role


class Report(Fact, Base):
    """A progress report on a task by one of its agencies."""

    __tablename__ = "report"
    __table_args__ = (
        UniqueConstraint("task_id", "ordinal"),
        UniqueConstraint("replaces_id"),
        *orders(["recorded_at"], ["as_of"]),
        STRICT,
    )
    recorded: ClassVar = (
        "id", "plan_id", "task_id", "ordinal", "agency_id", "role", "as_of", "status", "summary",
        "reason", "replaces_id", "evidence", "recorded_at",
    )  # fmt: skip

    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"))
    ordinal: Mapped[int]  # 2 of …-r2
    agency_id: Mapped[str] = mapped_column(ForeignKey("agency.id"), index=True)
    role: Mapped[Role]  # of the agency, for the task, when it reported
    as_of: Mapped[date]
    status: Mapped[ReportedStatus]
    summary: Mapped[str]
    reason: Mapped[str | None]  # why a completed task is open again


class Measurement(Fact, Base):
    """A measurement of a target by one of the agencies of its task."""

    __tablename__ = "measurement"
    __table_args__ = (
        UniqueConstraint("target_id", "ordinal"),
        UniqueConstraint("replaces_id"),
        *orders(["recorded_at"], ["as_of"]),
        STRICT,
    )
    recorded: ClassVar = (
        "id", "plan_id", "task_id", "target_id", "ordinal", "agency_id", "role", "as_of", "value",
        "unit", "method", "replaces_id", "evidence", "recorded_at",
    )  # fmt: skip

    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"), index=True)
    target_id: Mapped[str] = mapped_column(ForeignKey("target.id"))
    ordinal: Mapped[int]  # 2 of …-v2
    agency_id: Mapped[str] = mapped_column(ForeignKey("agency.id"), index=True)
    role: Mapped[Role]  # of the agency, for the task, when it measured
    as_of: Mapped[date]
    value: Mapped[Decimal]
    unit: Mapped[str | None]
    method: Mapped[str]


class Milestone(AppendOnly, Base):
    """A step of a task for which an agency has set itself a date.

    Later changes are `MilestoneChange` rows; `status`, `due_on` and `done_on` follow from them.
    """

    __tablename__ = "milestone"
    __table_args__ = (
        UniqueConstraint("task_id", "ordinal"),
        *orders(["recorded_at"], ["due_on"]),
        STRICT,
    )
    recorded: ClassVar = (
        "id", "plan_id", "task_id", "ordinal", "agency_id", "title", "first_due_on", "recorded_at",
    )  # fmt: skip

    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"))
    ordinal: Mapped[int]  # 2 of …-m2
    agency_id: Mapped[str] = mapped_column(ForeignKey("agency.id"), index=True)
    title: Mapped[str]
    first_due_on: Mapped[date]
    due_on: Mapped[date]
    done_on: Mapped[date | None]
    status: Mapped[MilestoneStatus]

    changes: Mapped[list["MilestoneChange"]] = relationship(
        order_by="MilestoneChange.number", lazy="selectin"
    )


class MilestoneChange(Base):
    """A change of a milestone: done, moved or dropped."""

    __tablename__ = "milestone_change"
    __table_args__ = STRICT
    recorded: ClassVar = ("milestone_id", "number", "kind", "day", "reason", "recorded_at")

    milestone_id: Mapped[str] = mapped_column(ForeignKey("milestone.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[MilestoneChangeKind]
    day: Mapped[date | None]  # done on, or moved to
    reason: Mapped[str | None]
    recorded_at: Mapped[datetime]

    @property
    def id(self) -> str:
        """For the audit log."""
        return f"{self.milestone_id} {self.number}"


class Assessment(Fact, Base):
    """A third-party assessment (第三方评估) of an agency or a region, never of a task."""

    __tablename__ = "assessment"
    __table_args__ = (
        UniqueConstraint("plan_id", "ordinal"),
        UniqueConstraint("replaces_id"),
        CheckConstraint("(agency_id IS NULL) <> (region_code IS NULL)", name="subject"),
        CheckConstraint("period_from <= period_to", name="period"),
        CheckConstraint("(score IS NULL) = (score_maximum IS NULL)", name="score"),
        CheckConstraint("grade IS NOT NULL OR score IS NOT NULL", name="result"),
        *orders(["recorded_at"], ["period_to"]),
        STRICT,
    )
    recorded: ClassVar = (
        "id", "plan_id", "ordinal", "agency_id", "region_code", "period_from", "period_to",
        "grade", "score", "score_maximum", "findings", "method", "assessor", "key_id",
        "replaces_id", "evidence", "recorded_at",
    )  # fmt: skip

    ordinal: Mapped[int]  # 2 of …-a2
    agency_id: Mapped[str | None] = mapped_column(ForeignKey("agency.id"), index=True)
    region_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"), index=True)
    period_from: Mapped[date]
    period_to: Mapped[date]
    grade: Mapped[str | None]
    score: Mapped[Decimal | None]
    score_maximum: Mapped[Decimal | None]
    findings: Mapped[str]
    method: Mapped[str]
    assessor: Mapped[str]
    key_id: Mapped[str] = mapped_column(
        ForeignKey("api_key.id")
    )  # the key that submitted it; never published


class Bulletin(Fact, Base):
    """An official bulletin (通报) and the facts that it refers to."""

    __tablename__ = "bulletin"
    __table_args__ = (
        UniqueConstraint("plan_id", "ordinal"),
        UniqueConstraint("replaces_id"),
        *orders(["recorded_at"], ["published_on"]),
        STRICT,
    )
    recorded: ClassVar = (
        "id", "plan_id", "ordinal", "title", "body", "published_on", "refers_to", "replaces_id",
        "evidence", "recorded_at",
    )  # fmt: skip

    ordinal: Mapped[int]  # 2 of …-b2
    title: Mapped[str]
    body: Mapped[str]
    published_on: Mapped[date]
    refers_to: Mapped[list[Any]]  # {resource, id}


class ReceivedError(Base):
    """An error report of a reader that is still open; never public.

    Its resolution moves it to `ErrorReport`.  Neither has a name or an address of the reader.
    """

    __tablename__ = "received_error"
    __table_args__ = (UniqueConstraint("ordinal"), STRICT)

    id: Mapped[str] = mapped_column(primary_key=True)
    ordinal: Mapped[int]  # 2 of error-2
    plan_id: Mapped[str | None] = mapped_column(ForeignKey("plan.id"), index=True)
    jurisdiction_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"))  # whose it is
    about_resource: Mapped[str]
    about_id: Mapped[str]
    about_title: Mapped[str]
    about_url: Mapped[str]
    words: Mapped[str | None]
    span_start: Mapped[int | None]
    span_end: Mapped[int | None]
    message: Mapped[str]
    received_at: Mapped[datetime]


class ErrorReport(AppendOnly, Base):
    """An error report of a reader, with its resolution."""

    __tablename__ = "error_report"
    __table_args__ = (
        UniqueConstraint("ordinal"),
        *orders(["recorded_at"]),
        STRICT,
    )
    recorded: ClassVar = (
        "id", "plan_id", "ordinal", "about_resource", "about_id", "about_title", "about_url",
        "words", "span_start", "span_end", "message", "received_on", "outcome", "answer",
        "recorded_at",
    )  # fmt: skip

    ordinal: Mapped[int]
    plan_id: Mapped[str | None] = mapped_column(  # type: ignore[assignment]  # null: of no plan
        ForeignKey("plan.id"), index=True
    )
    about_resource: Mapped[str]
    about_id: Mapped[str] = mapped_column(index=True)
    about_title: Mapped[str]  # when it was reported
    about_url: Mapped[str]
    words: Mapped[str | None]  # of the notice, when it was reported
    span_start: Mapped[int | None]
    span_end: Mapped[int | None]
    message: Mapped[str | None]  # null: withheld by the coordinator
    received_on: Mapped[date]
    outcome: Mapped[ErrorOutcome]
    answer: Mapped[str]


class Withdrawal(Base):
    """The withdrawal of a fact, with its reason."""

    __tablename__ = "withdrawal"
    __table_args__ = STRICT
    recorded: ClassVar = ("resource", "id", "reason", "withdrawn_at")

    resource: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    withdrawn_at: Mapped[datetime]
