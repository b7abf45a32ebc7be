"""`/v1/deadlines.ics` and the same of one agency: what has a day, for calendars to subscribe to."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.db.models import Agency
from app.http.languages import language_of
from app.http.media_types import CalendarResponse
from app.http.problems import AmbiguousNameError, GoneError, NotFoundError, documented
from app.reading.one import ResourceId, base_of, one_row
from app.reading.target_filters import CommitmentFilters
from app.reading.transaction import ReaderDep
from app.resources.deadlines.ics import as_calendar
from app.resources.deadlines.queries import read_deadlines
from app.resources.deadlines.schemas import AgencyDeadlineQuery, DeadlineQuery
from app.routing import Operation

router = APIRouter(route_class=Operation, prefix="/v1", tags=["deadlines"])
TITLE = "工作要点时限"


@router.get(
    "/deadlines.ics", response_class=CalendarResponse, responses=documented(AmbiguousNameError)
)
async def get_deadlines(
    request: Request, reader: ReaderDep, params: Annotated[DeadlineQuery, Query()]
) -> Response:
    """时限日历：通知写明的期限和任务节点。Deadlines, to subscribe to: stated due dates and milestones.

    What is due by the end of a plan's year alone, as no date is stated, is not in it. Milestones
    have the filters of targets, too: they are of the plan, section and agency (or `role`) of their
    task, or set by the agency; `overdue_on` finds those that are still planned. With `q`, `kind`,
    `unit`, `comparator` or `attainment`, which no milestone has, there are only targets. A dropped
    milestone is a cancelled event; what is withdrawn is left out. More than 2,000 events are 422.
    """
    return await _calendar(request, reader, params, TITLE)


@router.get(
    "/agencies/{agency_id}/deadlines.ics",
    response_class=CalendarResponse,
    responses=documented(NotFoundError, GoneError),
)
async def get_agency_deadlines(
    request: Request,
    reader: ReaderDep,
    agency_id: ResourceId,
    params: Annotated[AgencyDeadlineQuery, Query()],
) -> Response:
    """一个机构的时限日历。Deadlines of one agency, to subscribe to.

    Targets of the tasks that it has any role in, or the given `role`; milestones of these tasks,
    and, without `role`, those that it has set itself. The rest is as in
    `/v1/deadlines.ics`.
    """
    agency = await one_row(reader, Agency, agency_id, Agency.name)
    return await _calendar(request, reader, params, f"{agency.name}：{TITLE}", agency_id)


async def _calendar(
    request: Request,
    reader: ReaderDep,
    params: CommitmentFilters,
    title: str,
    agency: str | None = None,
) -> Response:
    language = language_of(request.scope)
    deadlines = await read_deadlines(reader, params, agency)
    calendar = await as_calendar(deadlines, title, language, base_of(request))
    # Converted before its lines are folded; the layer for scripts leaves alone what names one.
    return CalendarResponse(calendar, headers={"Content-Language": language})
