"""Reading reports."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from app.db.models import Plan, Report, Task
from app.enums import ReportedStatus
from app.http.parameters import IsoDate, ShortText, many
from app.reading.fact_lists import FactFilters, FactSort
from app.reading.filters import among, at_least, at_most
from app.reading.list_params import AGENCY, AGENCY_BY_NAME, PLAN, TASK, ListQuery
from app.reading.listing import Listing, Sorts
from app.reading.names import Lookup


class TaskReportQuery(FactFilters, ListQuery):
    """The parameters of the list of a task's reports."""

    agency: Annotated[list[ShortText], among(Report.agency_id, lookup=AGENCY)] = AGENCY_BY_NAME
    status: Annotated[list[ReportedStatus], among(Report.status)] = many(
        "Reported status of the task."
    )
    as_of_from: Annotated[IsoDate | None, at_least(Report.as_of)] = Field(
        default=None, description="Reference date on or after this date."
    )
    as_of_to: Annotated[IsoDate | None, at_most(Report.as_of)] = Field(
        default=None, description="Reference date on or before this date."
    )
    sort: FactSort = Field(
        default=FactSort.RECORDED_AT, description="Sort order; a leading - reverses it."
    )


class ReportListQuery(TaskReportQuery):
    """The parameters of the list of reports."""

    plan: Annotated[list[ShortText], among(Report.plan_id, lookup=Lookup(Plan.id))] = PLAN
    task: Annotated[list[ShortText], among(Report.task_id, lookup=Lookup(Task.id))] = TASK


SORTS: Sorts = {
    FactSort.RECORDED_AT: [(Report.recorded_at, datetime)],
    FactSort.AS_OF: [(Report.as_of, date)],
    FactSort.CHANGED_AT: [(Report.changed_at, datetime)],
}
REPORTS = Listing.of(Report, ReportListQuery, SORTS)
TASK_REPORTS = Listing.of(Report, TaskReportQuery, SORTS, below=Report.task_id)
