"""Reading platforms."""

from datetime import datetime

from fastapi import Request, Response
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.names import Filter, resolve
from app.paging import Sorts, list_page
from app.platforms.schemas import PlatformListQuery
from app.tables import Mention, Plan, Platform

SORTS: Sorts = {
    "notice": [(Platform.position, int)],
    "title": [(Platform.name, str)],
    "changed_at": [(Platform.changed_at, datetime)],
}


async def list_platforms(
    request: Request, session: AsyncSession, wanted: PlatformListQuery
) -> Response:
    """A page of platforms."""
    ids = await resolve(session, [Filter("plan", Plan.id, wanted.plan)])
    conditions: list[ColumnElement[bool]] = []
    if "plan" in ids:
        named = select(Mention.platform_id).where(Mention.plan_id.in_(ids["plan"]))
        conditions.append(Platform.id.in_(named))
    if wanted.kind:
        conditions.append(Platform.kind.in_(wanted.kind))
    return await list_page(request, session, Platform, wanted, conditions, wanted.sort, SORTS)
