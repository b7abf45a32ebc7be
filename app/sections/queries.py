"""Reading sections."""

from datetime import datetime

from fastapi import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.names import Filter, resolve
from app.paging import Sorts, list_page
from app.sections.schemas import SectionListQuery
from app.tables import Plan, Section

SORTS: Sorts = {
    "notice": [(Section.plan_id, str), (Section.ordinal, int)],
    "title": [(Section.heading, str)],
    "changed_at": [(Section.changed_at, datetime)],
}


async def list_sections(
    request: Request, session: AsyncSession, wanted: SectionListQuery
) -> Response:
    """A page of sections."""
    ids = await resolve(session, [Filter("plan", Plan.id, wanted.plan)])
    conditions = [Section.plan_id.in_(ids["plan"])] if "plan" in ids else []
    return await list_page(request, session, Section, wanted, conditions, wanted.sort, SORTS)
