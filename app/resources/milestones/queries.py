"""Reading milestones."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from app.db.models import Milestone, Plan, Task
from app.enums import MilestoneStatus
from app.http.parameters import IsoDate, ShortText, many
from app.reading.filters import among, at_least, at_most
from app.reading.list_params import AGENCY, AGENCY_BY_NAME, PLAN, TASK, ListQuery
from app.reading.listing import Listing, Sorts
from app.reading.names import Lookup


class MilestoneSort(StrEnum):
    """Sort order of milestones; a leading - reverses it."""

    RECORDED_AT = "recorded_at"
    RECORDED_AT_REVERSED = "-recorded_at"
    DUE_ON = "due_on"
    DUE_ON_REVERSED = "-due_on"
    CHANGED_AT = "changed_at"
    CHANGED_AT_REVERSED = "-changed_at"


class TaskMilestoneQuery(ListQuery):
    """The parameters of the list of a task's milestones."""

    agency: Annotated[list[ShortText], among(Milestone.agency_id, lookup=AGENCY)] = AGENCY_BY_NAME
    status: Annotated[list[MilestoneStatus], among(Milestone.status)] = many(
        "Status of the milestone."
    )
    due_from: Annotated[IsoDate | None, at_least(Milestone.due_on)] = Field(
        default=None, description="Due on this date or later."
    )
    due_to: Annotated[IsoDate | None, at_most(Milestone.due_on)] = Field(
        default=None, description="Due on this date or earlier."
    )
    sort: MilestoneSort = Field(
        default=MilestoneSort.RECORDED_AT, description="Sort order; a leading - reverses it."
    )


class MilestoneListQuery(TaskMilestoneQuery):
    """The parameters of the list of milestones."""

    plan: Annotated[list[ShortText], among(Milestone.plan_id, lookup=Lookup(Plan.id))] = PLAN
    task: Annotated[list[ShortText], among(Milestone.task_id, lookup=Lookup(Task.id))] = TASK


SORTS: Sorts = {
    MilestoneSort.RECORDED_AT: [(Milestone.recorded_at, datetime)],
    MilestoneSort.DUE_ON: [(Milestone.due_on, date)],
    MilestoneSort.CHANGED_AT: [(Milestone.changed_at, datetime)],
}
MILESTONES = Listing.of(Milestone, MilestoneListQuery, SORTS)
TASK_MILESTONES = Listing.of(Milestone, TaskMilestoneQuery, SORTS, below=Milestone.task_id)
