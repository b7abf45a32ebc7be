"""JSON shapes of milestones."""

from pydantic import BaseModel, Field

from app.enums import MilestoneChangeKind
from app.http.bodies import Body, BodyDate, prose
from app.kinds.milestone import Milestone
from app.reading.list_params import PageInfo


class MilestoneSubmission(Body):
    """A milestone of a task (细化进度安排), with the date by which the agency plans to complete it."""

    title: prose(200) = Field(description="Title of the milestone.", examples=["演示：完成方案"])  # type: ignore[valid-type]
    due_on: BodyDate = Field(examples=["2022-09-30"])


class MilestoneChangeSubmission(Body):
    """A change of a milestone: done, moved or dropped."""

    kind: MilestoneChangeKind = Field(strict=False)
    day: BodyDate | None = Field(
        default=None,
        description="For `done`: completion date, not later than today. For `moved`: new due date.",
    )
    reason: prose(1000) | None = Field(  # type: ignore[valid-type]
        default=None, description="Reason; required for `moved` and `dropped`."
    )


class MilestonePage(BaseModel):
    """A page of milestones."""

    data: list[Milestone]
    page: PageInfo
