"""The queries of plans."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import Row, bindparam, func, select

from app.db.engine import Reader
from app.db.models import PageImage, Plan
from app.enums import Certainty, CorrectionKind, PlanStatus
from app.http.parameters import ShortText, many
from app.http.problems import FieldError, InvalidParametersError, Message, NotFoundError
from app.kinds.document import Document
from app.projections.plan_contents import CORRECTIONS
from app.reading.filters import among
from app.reading.list_params import ListQuery, ListSort
from app.reading.listing import Listing, Sorts
from app.reading.names import Lookup
from app.reading.one import one_row
from app.resources.plans.schemas import MOST_BOXED, SourceBox

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
TEXT_LENGTH = func.length(Plan.text).label("text_length")
BOX = tuple(SourceBox.model_fields)
IMAGE = select(PageImage.content).where(
    PageImage.plan_id == bindparam("plan"), PageImage.number == bindparam("number")
)
NO_IMAGE = Message(
    "没有这一页的图像；有图像的页，全文的 pages 里给出其网址。",
    "There is no picture of this page; `pages` of the text has the URLs of those that exist.",
)
PLANS = Listing.of(Plan, PlanListQuery, SORTS)


async def plan_text(reader: Reader, plan_id: str, prefix: str) -> Document:
    """The restored text, every correction, and the pages of the source; two statements.

    The URLs of pictures begin with `prefix`.
    """
    plan = await one_row(reader, Plan, plan_id, Plan.text, Plan.text_sha256, Plan.source_pages)
    rows = (await reader.execute(CORRECTIONS, {"plan": plan_id})).all()
    place = f"{prefix}/v1/plans/{plan_id}/text/pages"
    pages = [
        {**page, "image": page["image"] and f"{place}/{page['number']}/image"}
        for page in plan.source_pages or []
    ]
    corrections = [_correction(*row) for row in rows]
    return _plan_text(plan_id, plan.text, plan.text_sha256, corrections, pages)


async def source_boxes(reader: Reader, plan_id: str, start: int, end: int) -> list[Document]:
    """The lines and cells of the source that have words of a span of the text; one statement.

    Raises InvalidParametersError for what is no span of it.
    """
    plan = await one_row(reader, Plan, plan_id, TEXT_LENGTH, Plan.source_lines)
    if not start < end <= min(plan.text_length, start + MOST_BOXED):
        raise InvalidParametersError(errors=[FieldError("query", "end", _span_end(start, plan))])
    return [
        dict(zip(BOX, place, strict=True))
        for first, last, *place in plan.source_lines or []
        if first < end and last > start
    ]


def _span_end(start: int, plan: Row[Any]) -> Message:
    most = min(plan.text_length, start + MOST_BOXED)
    return Message(
        f"须大于 start（{start}），不大于 {most}；全文 {plan.text_length} 个字，一次最多 {MOST_BOXED} 个。",
        f"It must be greater than start, {start}, and at most {most}: the text has "
        f"{plan.text_length} code points, and a request covers at most {MOST_BOXED}.",
    )


async def page_image(reader: Reader, plan_id: str, number: int) -> bytes:
    """The picture of a page; two statements.  Raises NotFoundError, GoneError."""
    await one_row(reader, Plan, plan_id)
    image: bytes | None = (
        await reader.execute(IMAGE, {"plan": plan_id, "number": number})
    ).scalar_one_or_none()
    if image is None:
        raise NotFoundError(NO_IMAGE)
    return image


def text_of(plan_id: str, contents: Mapping[str, Any]) -> Document:
    """The same, from the contents of a plan at a past day, which have no pages."""
    corrections = [_correction(**one) for one in contents["corrections"]]
    return _plan_text(plan_id, contents["text"], contents["text_sha256"], corrections, [])


def _plan_text(
    plan_id: str, text: str, sha256: str, corrections: list[Document], pages: list[Document]
) -> Document:
    return {
        "plan": plan_id,
        "text": text,
        "text_sha256": sha256,
        "text_length": len(text),
        "corrections": corrections,
        "pages": pages,
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
