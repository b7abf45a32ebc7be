"""JSON shapes of what agencies, coordinators and assessors have said, alone and in downloads."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from app.schemas import AgencyRef, PlanId, TaskRef
from app.vocabulary import (
    FactState,
    MilestoneChangeKind,
    MilestoneStatus,
    ReportedStatus,
    Role,
)


class Evidence(BaseModel):
    """Where what was said can be seen."""

    url: str
    title: str | None


class Withdrawn(BaseModel):
    """That a fact does not hold."""

    reason: str
    withdrawn_at: datetime


class Standing(BaseModel):
    """Whether a fact stands, and what took its place."""

    evidence: list[Evidence]
    state: FactState
    replaces: str | None = Field(description="id of the one that it corrects")
    replaced_by: str | None = Field(description="id of the one that corrects it")
    withdrawal: Withdrawn | None = Field(description="why it does not hold")
    recorded_at: datetime = Field(examples=["2026-02-01T03:04:05Z"])


class Report(Standing):
    """How far a task is, as one of its agencies says. A self-report, never an assessment."""

    id: str = Field(examples=["gd-dg-2022-t17.2-r2"])
    plan: PlanId
    task: TaskRef
    agency: AgencyRef = Field(description="who says it")
    role: Role = Field(description="the agency's role for the task when it reported")
    as_of: date = Field(description="the day of which it is true", examples=["2022-07-31"])
    status: ReportedStatus
    status_label: str = Field(examples=["正常推进"])
    summary: str
    reason: str | None = Field(description="why a completed task is open again")


class TargetRef(BaseModel):
    """Enough to show a target and to follow it."""

    id: str = Field(examples=["gd-dg-2022-t17.2-k1"])
    metric: str
    statement: str = Field(description="the clause, verbatim")


class Measurement(Standing):
    """Where a target stands, as one of its agencies says."""

    id: str = Field(examples=["gd-dg-2022-t17.2-k1-v1"])
    plan: PlanId
    task: TaskRef
    target: TargetRef
    agency: AgencyRef = Field(description="who says it")
    role: Role = Field(description="the agency's role for the task when it measured")
    as_of: date = Field(description="the day of which it is true", examples=["2022-06-30"])
    value: float = Field(examples=[2])
    unit: str | None = Field(examples=["个"])
    method: str


class MilestoneChange(BaseModel):
    """What became of a milestone."""

    kind: MilestoneChangeKind
    day: date | None = Field(description="done on, or moved to")
    reason: str | None
    recorded_at: datetime


class Milestone(BaseModel):
    """A step of a task that an agency has set itself a date for."""

    id: str = Field(examples=["gd-dg-2022-t17.2-m1"])
    plan: PlanId
    task: TaskRef
    agency: AgencyRef = Field(description="who has set it")
    title: str = Field(examples=["演示：完成方案"])
    due_on: date = Field(description="after all moves", examples=["2022-10-31"])
    first_due_on: date = Field(description="as it was set first", examples=["2022-09-30"])
    status: MilestoneStatus
    status_label: str = Field(examples=["计划中"])
    done_on: date | None
    changes: list[MilestoneChange] = Field(description="oldest first")
    recorded_at: datetime = Field(examples=["2026-02-01T03:04:05Z"])
