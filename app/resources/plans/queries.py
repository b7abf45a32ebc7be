"""The queries of plans."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from app.db.engine import Reader
from app.db.models import Plan
from app.enums import Certainty, CorrectionKind, PlanStatus
from app.http.parameters import ShortText, many
from app.kinds.document import Document
from app.projections.plan_contents import CORRECTIONS
from app.reading.filters import among
from app.reading.list_params import ListQuery, ListSort
from app.reading.listing import Listing, Sorts
from app.reading.names import Lookup
from app.reading.one import one_row

# Labels by value: looking up an enumeration costs more than the rest of a correction.
KIND_LABELS = {one.value: one.label for one in CorrectionKind}
CERTAINTY_LABELS = {one.value: one.label for one in Certainty}
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


async def plan_text(reader: Reader, plan_id: str) -> Document:
    """The restored text and every correction; two statements."""
    plan = await one_row(reader, Plan, plan_id, Plan.text, Plan.text_sha256)
    rows = (await reader.execute(CORRECTIONS, {"plan": plan_id})).all()
    return _plan_text(plan_id, plan.text, plan.text_sha256, [_correction(*row) for row in rows])


def text_of(plan_id: str, contents: Mapping[str, Any]) -> Document:
    """The same, from the contents of a plan at a past day."""
    corrections = [_correction(**one) for one in contents["corrections"]]
    return _plan_text(plan_id, contents["text"], contents["text_sha256"], corrections)


def _plan_text(plan_id: str, text: str, sha256: str, corrections: list[Document]) -> Document:
    return {
        "plan": plan_id,
        "text": text,
        "text_sha256": sha256,
        "text_length": len(text),
        "corrections": corrections,
    }


def _correction(
    kind: str,
    raw: str,
    text: str,
    certainty: str,
    reason: str | None,
    span_start: int,
    span_end: int,
) -> Document:
    """A correction, from the columns of `CORRECTIONS` in their order."""
    return {
        "kind": kind,
        "kind_label": KIND_LABELS[kind],
        "raw": raw,
        "text": text,
        "span": {"start": span_start, "end": span_end},
        "certainty": certainty,
        "certainty_label": CERTAINTY_LABELS[certainty],
        "reason": reason,
    }
