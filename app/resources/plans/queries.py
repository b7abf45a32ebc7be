"""Reading plans."""

from datetime import datetime

from sqlalchemy import ColumnElement, select

from app.db.engine import Reader
from app.db.models import Correction as CorrectionRow
from app.db.models import Plan
from app.reading.listing import Given, Listing, Sorts, one_of
from app.reading.names import Filter
from app.reading.one import one_row
from app.resources.plans.schemas import Correction, PlanText
from app.schemas.notice import Span

SORTS: Sorts = {
    "notice": [],
    "title": [(Plan.title, str)],
    "changed_at": [(Plan.changed_at, datetime)],
}


def matching(given: Given) -> list[ColumnElement[bool]]:
    """One condition a filter."""
    columns = {"document_number": Plan.id, "status": Plan.status, "year": Plan.year}
    return [one_of(column, name) for name, column in columns.items() if name in given]


PLANS = Listing(
    Plan,
    matching,
    SORTS,
    (Filter("document_number", Plan.id, may_mean_several=True, takes_ids=False),),
)


async def plan_text(reader: Reader, plan_id: str) -> PlanText:
    """The restored text and every correction; two statements."""
    plan = await one_row(reader, Plan, plan_id, Plan.id, Plan.text, Plan.text_sha256)
    corrections = await reader.execute(
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
                kind_label=row.kind.label,
                raw=row.raw,
                text=row.text,
                span=Span(start=row.span_start, end=row.span_end),
                certainty=row.certainty,
                certainty_label=row.certainty.label,
                reason=row.reason,
            )
            for row in corrections
        ],
    )
