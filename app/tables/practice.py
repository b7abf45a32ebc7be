"""What agencies, coordinators and assessors add to a plan."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.tables.base import STRICT, Base, Fact, orders
from app.vocabulary import ReportedStatus, Role


class Report(Fact, Base):
    """How far a task is, as one of its agencies says."""

    __tablename__ = "report"
    __table_args__ = (
        UniqueConstraint("task_id", "ordinal"),
        UniqueConstraint("replaces_id"),
        *orders(["recorded_at"], ["as_of"]),
        STRICT,
    )
    said: ClassVar = (
        "id", "plan_id", "task_id", "ordinal", "agency_id", "role", "as_of", "status", "summary",
        "reason", "replaces_id", "evidence", "recorded_at",
    )  # fmt: skip

    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"), index=True)
    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"))
    ordinal: Mapped[int]  # 2 of …-r2
    agency_id: Mapped[str] = mapped_column(ForeignKey("agency.id"), index=True)
    role: Mapped[Role]  # of the agency, for the task, when it reported
    as_of: Mapped[date]
    status: Mapped[ReportedStatus]
    summary: Mapped[str]
    reason: Mapped[str | None]  # why a completed task is open again


class Withdrawal(Base):
    """That a fact does not hold, and why."""

    __tablename__ = "withdrawal"
    __table_args__ = STRICT
    said: ClassVar = ("resource", "id", "reason", "withdrawn_at")

    resource: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    withdrawn_at: Mapped[datetime]
