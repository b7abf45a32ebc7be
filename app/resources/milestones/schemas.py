"""JSON shapes of milestones."""

from pydantic import BaseModel, Field

from app.enums import MilestoneChangeKind
from app.http.bodies import Body, BodyDate, prose
from app.kinds.milestone import Milestone
from app.reading.list_params import PageInfo


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
