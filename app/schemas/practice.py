"""JSON shapes of what agencies, coordinators and assessors have said, alone and in downloads."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from app.enums import (
    FactState,
    MilestoneChangeKind,
    MilestoneStatus,
    ReferenceKind,
    ReportedStatus,
    Role,
    SubjectKind,
)
from app.schemas.notice import AgencyRef, Label, PlanId, TaskRef, Versioned


class Evidence(BaseModel):
    """Where what was said can be seen."""

    url: str
    title: str | None


class Withdrawn(BaseModel):
    """That a fact does not hold."""

    reason: str
    withdrawn_at: datetime


class Standing(Versioned):
    """Whether a fact stands, and what took its place."""

    evidence: list[Evidence]
    state: FactState
    state_label: Label = Field(examples=["有效"])
    replaces: str | None = Field(description="id of the one that it corrects")
    replaced_by: str | None = Field(description="id of the one that corrects it")
    withdrawal: Withdrawn | None = Field(description="why it does not hold")
    recorded_at: datetime


class Report(Standing):
    """How far a task is, as one of its agencies says. A self-report, never an assessment."""

    id: str = Field(examples=["gd-dg-2022-t17.2-r2"])
    plan: PlanId
    task: TaskRef
    agency: AgencyRef = Field(description="who says it")
    role: Role = Field(description="the agency's role for the task when it reported")
    role_label: Label = Field(examples=["牵头"])
    as_of: date = Field(description="the day of which it is true", examples=["2022-07-31"])
    status: ReportedStatus
    status_label: Label = Field(examples=["正常推进"])
    summary: str
    reason: str | None = Field(description="why a completed task is open again")


class TargetRef(BaseModel):
    """Reference to a target."""

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
    role_label: Label = Field(examples=["牵头"])
    as_of: date = Field(description="the day of which it is true", examples=["2022-06-30"])
    value: float = Field(examples=[2])
    unit: str | None = Field(examples=["个"])
    method: str


class MilestoneChange(BaseModel):
    """What became of a milestone."""

    kind: MilestoneChangeKind
    kind_label: Label = Field(examples=["改期"])
    day: date | None = Field(description="done on, or moved to")
    reason: str | None
    recorded_at: datetime


class Milestone(Versioned):
    """A step of a task that an agency has set itself a date for."""

    id: str = Field(examples=["gd-dg-2022-t17.2-m1"])
    plan: PlanId
    task: TaskRef
    agency: AgencyRef = Field(description="who has set it")
    title: str = Field(examples=["演示：完成方案"])
    due_on: date = Field(description="after all moves", examples=["2022-10-31"])
    first_due_on: date = Field(description="as it was set first", examples=["2022-09-30"])
    status: MilestoneStatus
    status_label: Label = Field(examples=["计划中"])
    done_on: date | None
    changes: list[MilestoneChange] = Field(description="oldest first")
    recorded_at: datetime


class Subject(BaseModel):
    """Reference to what was assessed."""

    kind: SubjectKind
    kind_label: Label = Field(examples=["地区"])
    id: str = Field(
        description="id of the agency, or the region's GB/T 2260 code", examples=["440300"]
    )
    name: str = Field(examples=["深圳市"])


class Period(BaseModel):
    """The time that was assessed, both days included."""

    from_: date = Field(alias="from", examples=["2022-01-01"])
    to: date = Field(examples=["2022-12-31"])


class Score(BaseModel):
    """Points, and how many could be reached."""

    value: float = Field(examples=[92.5])
    maximum: float = Field(examples=[100])


class Assessment(Standing):
    """What a third party has found of an agency or a region.

    It stands beside what agencies report of themselves and changes nothing of it.
    """

    id: str = Field(examples=["gd-dg-2022-a1"])
    plan: PlanId
    subject: Subject
    period: Period
    grade: str | None = Field(
        description="in the assessor's own scale; null: not graded", examples=["演示优秀"]
    )
    score: Score | None = Field(description="null: no points were given")
    findings: str
    method: str
    assessor: str = Field(description="the body that assessed")


class Reference(BaseModel):
    """Reference to an assessment or a report; whether it still stands is told there."""

    resource: ReferenceKind
    resource_label: Label = Field(examples=["第三方评估"])
    id: str = Field(examples=["gd-dg-2022-a1"])
    path: str = Field(examples=["/v1/assessments/gd-dg-2022-a1"])


class Bulletin(Standing):
    """What the coordinators have made known, and what it refers to."""

    id: str = Field(examples=["gd-dg-2022-b1"])
    plan: PlanId
    title: str
    body: str
    published_on: date = Field(examples=["2023-02-01"])
    refers_to: list[Reference] = Field(description="in the order in which they were given")
