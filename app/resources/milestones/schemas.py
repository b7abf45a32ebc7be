"""JSON shapes of milestones."""

from enum import StrEnum

from pydantic import BaseModel, Field

from app.enums import MilestoneChangeKind, MilestoneStatus
from app.http.bodies import Body, BodyDate, prose
from app.http.parameters import IsoDate, ShortText, many
from app.reading.listing import ListQuery, PageInfo
from app.schemas.practice import Milestone


class MilestoneSubmission(Body):
    """A step of a task (细化进度安排), and the day by which the agency of your key will do it."""

    title: prose(200) = Field(description="what will be done", examples=["演示：完成方案"])  # type: ignore[valid-type]
    due_on: BodyDate = Field(examples=["2022-09-30"])


class MilestoneChangeSubmission(Body):
    """What became of a milestone: done, moved or dropped."""

    kind: MilestoneChangeKind = Field(strict=False)
    day: BodyDate | None = Field(
        default=None, description="done: the day it was, not later than today; moved: the new date"
    )
    reason: prose(1000) | None = Field(  # type: ignore[valid-type]
        default=None, description="needed where it is moved or dropped"
    )


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
