"""Reading agencies."""

from datetime import datetime

from fastapi import Request, Response
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.agencies.schemas import AgencyListQuery
from app.names import Filter, resolve
from app.paging import Sorts, list_page
from app.tables import Agency, Assignment, Plan, Region, Task

SORTS: Sorts = {
    "notice": [(Agency.position, int)],
    "title": [(Agency.name, str)],
    "changed_at": [(Agency.changed_at, datetime)],
}


def matching(wanted: AgencyListQuery, ids: dict[str, list[str]]) -> list[ColumnElement[bool]]:
    """One `if` a filter; each adds one condition."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.kind:
        conditions.append(Agency.kind.in_(wanted.kind))
    if "region" in ids:
        conditions.append(Agency.region_code.in_(ids["region"]))
    if "plan" in ids or wanted.role:
        working = select(Assignment.agency_id).join(Task, Task.id == Assignment.task_id)
        working = working.where(Task.withdrawn_at.is_(None))
        if "plan" in ids:
            working = working.where(Task.plan_id.in_(ids["plan"]))
        if wanted.role:
            working = working.where(Assignment.role.in_(wanted.role))
        conditions.append(Agency.id.in_(working))
    return conditions


async def list_agencies(
    request: Request, session: AsyncSession, wanted: AgencyListQuery
) -> Response:
    """A page of agencies; four statements at the most."""
    ids = await resolve(
        session,
        [
            Filter("name", Agency.id, wanted.name, may_mean_several=True),
            Filter("region", Region.code, wanted.region),
            Filter("plan", Plan.id, wanted.plan),
        ],
    )
    conditions = matching(wanted, ids)
    if "name" in ids:
        conditions.append(Agency.id.in_(ids["name"]))
    return await list_page(request, session, Agency, wanted, conditions, wanted.sort, SORTS)
