"""Reading plans."""

from datetime import datetime

from fastapi import Request, Response
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.paging import Sorts, list_page
from app.plans.schemas import Correction, PlanListQuery, PlanText
from app.reading import one_row
from app.schemas import Span
from app.tables import Correction as CorrectionRow
from app.tables import Plan

SORTS: Sorts = {
    "notice": [],
    "title": [(Plan.title, str)],
    "changed_at": [(Plan.changed_at, datetime)],
}


def matching(wanted: PlanListQuery) -> list[ColumnElement[bool]]:
    """One `if` a filter."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.status:
        conditions.append(Plan.status.in_(wanted.status))
    if wanted.year:
        conditions.append(Plan.year.in_(wanted.year))
    return conditions


async def list_plans(request: Request, session: AsyncSession, wanted: PlanListQuery) -> Response:
    """A page of plans."""
    return await list_page(request, session, Plan, wanted, matching(wanted), wanted.sort, SORTS)


async def plan_text(session: AsyncSession, plan_id: str) -> PlanText:
    """The restored text and every correction; two statements."""
    plan = await one_row(session, Plan, plan_id, Plan.id, Plan.text, Plan.text_sha256)
    corrections = await session.execute(
        select(*CorrectionRow.__table__.columns)
        .where(CorrectionRow.plan_id == plan_id)
        .order_by(CorrectionRow.position)
    )
    return PlanText(
        plan=plan.id,
        text=plan.text,
        text_sha256=plan.text_sha256,
        text_length=len(plan.text),
        corrections=[
            Correction(
                kind=row.kind,
                raw=row.raw,
                text=row.text,
                span=Span(start=row.span_start, end=row.span_end),
                certainty=row.certainty,
                reason=row.reason,
            )
            for row in corrections
        ],
    )
