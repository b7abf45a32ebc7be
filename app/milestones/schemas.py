"""JSON shapes of milestones."""

from datetime import date, datetime
from enum import StrEnum

from pydantic import BaseModel, Field

from app.bodies import Body, BodyDate, prose
from app.listings import ListQuery, PageInfo
from app.parameters import IsoDate, ShortText, many
from app.schemas import AgencyRef, PlanId, TaskRef
from app.vocabulary import MilestoneChangeKind, MilestoneStatus


class NewMilestone(Body):
    """A step of a task (细化进度安排), and the day by which the agency of your key will do it."""

    title: prose(200) = Field(description="what will be done", examples=["演示：完成方案"])  # type: ignore[valid-type]
    due_on: BodyDate = Field(examples=["2022-09-30"])


class NewMilestoneChange(Body):
    """What became of a milestone: done, moved or dropped."""

    kind: MilestoneChangeKind = Field(strict=False)
    day: BodyDate | None = Field(
        default=None, description="done: the day it was, not later than today; moved: the new date"
    )
    reason: prose(1000) | None = Field(  # type: ignore[valid-type]
        default=None, description="needed where it is moved or dropped"
    )


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


class MilestonePage(BaseModel):
    """A page of milestones."""

    data: list[Milestone]
    page: PageInfo


class MilestoneSort(StrEnum):
    """Order of a list of milestones; a leading - reverses it."""

    RECORDED_AT = "recorded_at"
    RECORDED_AT_REVERSED = "-recorded_at"
    DUE_ON = "due_on"
    DUE_ON_REVERSED = "-due_on"
    CHANGED_AT = "changed_at"
    CHANGED_AT_REVERSED = "-changed_at"


class TaskMilestoneQuery(ListQuery):
    """The parameters of the list of a task's milestones."""

    agency: list[ShortText] = many(
        "id of an agency, or any known name of it in either script", examples=[["省公安厅"]]
    )
    status: list[MilestoneStatus] = many("where it stands")
    due_from: IsoDate | None = Field(default=None, description="due on this day or later")
    due_to: IsoDate | None = Field(default=None, description="due on this day or earlier")
    sort: MilestoneSort = Field(
        default=MilestoneSort.RECORDED_AT, description="order; a leading - reverses it"
    )


class MilestoneListQuery(TaskMilestoneQuery):
    """The parameters of the list of milestones."""

    plan: list[ShortText] = many("id of a plan", examples=[["gd-dg-2022"]])
    task: list[ShortText] = many("id of a task", examples=[["gd-dg-2022-t17.2"]])
