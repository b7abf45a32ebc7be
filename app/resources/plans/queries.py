"""The queries of plans."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from app.db.engine import Reader
from app.db.models import Plan
from app.enums import Certainty, CorrectionKind, PlanStatus
from app.http.parameters import ShortText, many
from app.projections.plan_contents import CORRECTIONS
from app.reading.filters import among
from app.reading.list_params import ListQuery, ListSort
from app.reading.listing import Listing, Sorts
from app.reading.names import Lookup
from app.reading.one import one_row
from app.resources.plans.schemas import Correction, PlanText
from app.schemas.notice import Span

BY_NUMBER = Lookup(Plan.id, may_mean_several=True, takes_ids=False)


class PlanListQuery(ListQuery):
    """The parameters of the list of plans."""

    document_number: Annotated[list[ShortText], among(Plan.id, lookup=BY_NUMBER)] = many(
        "Document number; all kinds of brackets match each other.",
        examples=[["粤办函〔2022〕24号"]],
    )
    status: Annotated[list[PlanStatus], among(Plan.status)] = many("Status of the plan.")
    sort: ListSort = Field(default=ListSort.NOTICE, description="Order; a leading - reverses it.")


SORTS: Sorts = {
    ListSort.NOTICE: [],
    ListSort.TITLE: [(Plan.title, str)],
    ListSort.CHANGED_AT: [(Plan.changed_at, datetime)],
}
PLANS = Listing.of(Plan, PlanListQuery, SORTS)


async def plan_text(reader: Reader, plan_id: str) -> PlanText:
    """The restored text and every correction; two statements."""
    plan = await one_row(reader, Plan, plan_id, Plan.text, Plan.text_sha256)
    corrections = (await reader.execute(CORRECTIONS, {"plan": plan_id})).mappings().all()
    return text_of(plan_id, {**plan._mapping, "corrections": corrections})


def text_of(plan_id: str, contents: Mapping[str, Any]) -> PlanText:
    """The text and its corrections, from the contents of a plan."""
    text: str = contents["text"]
    return PlanText(
        plan=plan_id,
        text=text,
        text_sha256=contents["text_sha256"],
        text_length=len(text),
        corrections=[_correction(row) for row in contents["corrections"]],
    )


def _correction(row: Mapping[str, Any]) -> Correction:
    kind, certainty = CorrectionKind(row["kind"]), Certainty(row["certainty"])
    return Correction(
        kind=kind,
        kind_label=kind.label,
        raw=row["raw"],
        text=row["text"],
        span=Span(start=row["span_start"], end=row["span_end"]),
        certainty=certainty,
        certainty_label=certainty.label,
        reason=row["reason"],
    )
