"""`/v1/deadlines.ics`, also for one agency: deadlines as a calendar to subscribe to."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.db.models import Agency
from app.http.languages import language_of
from app.http.media_types import CalendarResponse
from app.http.problems import GoneError, NotFoundError, documented
from app.reading.one import ResourceId, base_of, one_row
from app.reading.target_filters import CommitmentFilters
from app.reading.transaction import ReaderDep
from app.resources.deadlines.ics import as_calendar
from app.resources.deadlines.queries import read_deadlines
from app.resources.deadlines.schemas import AgencyDeadlineQuery, DeadlineQuery
from app.routing import Operation

router = APIRouter(route_class=Operation, prefix="/v1", tags=["deadlines"])
TITLE = "工作要点时限"


@router.get("/deadlines.ics", response_class=CalendarResponse)
async def get_deadlines(
    request: Request, reader: ReaderDep, params: Annotated[DeadlineQuery, Query()]
) -> Response:
    """时限日历：通知写明的期限和任务节点。Calendar of stated due dates and milestones, to subscribe to.

    Targets without a stated date, which are due by the end of the plan's year, are not included.
    The filters also apply to milestones: `plan`, `section`, `agency` and `role` by their task,
    `agency` also by the agency that set them; `overdue` and `overdue_on` match planned milestones.
    With `q`, `kind`, `unit`, `comparator` or `attainment`, which milestones do not have, only
    targets are returned. A dropped milestone is a cancelled event; withdrawn resources are omitted.
    More than 2,000 events return 422.
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
    """一个机构的时限日历。Calendar of one agency's deadlines, to subscribe to.

    Targets and milestones of the tasks in which the agency has any role (or the role in `role`);
    without `role`, also milestones that the agency set itself. Everything else is as in
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
    # Converted before its lines are folded; middleware converts no response that names a language.
    return CalendarResponse(calendar, headers={"Content-Language": language})
