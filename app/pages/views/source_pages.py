"""`/plans/{id}/pages/{number}`: a page of the PDF that a plan came in, its words beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from markupsafe import Markup

from app.http.problems import NotFoundError
from app.kinds.document import Document
from app.pages.filters import marked
from app.pages.reading import Api
from app.pages.rendering import View
from app.resources.plans.routes import get_plan, get_plan_text, get_plan_text_boxes
from app.resources.plans.schemas import MOST_BOXED


@dataclass(frozen=True, kw_only=True)
class SourcePageView(View):
    """A page with its words, and boxes around those that are selected."""

    template: ClassVar = "source_page.html"
    plan: Document
    page: Document
    image: str | None
    text: Markup
    boxes: Sequence[Document]
    selected: tuple[int, int] | None
    others: Sequence[int]  # numbers of the pages before and after it


async def source_page(api: Api, plan_id: str, number: str) -> View:
    """`start` and `end` select a span of the text, which may go on from page to page."""
    plan = await api.one(get_plan, plan_id=plan_id)
    found = await api.one(get_plan_text, plan_id=plan_id)
    pages = found["pages"]
    at = next((at for at, one in enumerate(pages) if str(one["number"]) == number), None)
    if at is None:
        raise NotFoundError
    page = pages[at]
    selected = api.selected()
    if selected and selected[1] > found["text_length"]:
        selected = None
    return SourcePageView(
        plan=plan,
        page=page,
        image=page["image"] and f"/v1/plans/{plan_id}/text/pages/{number}/image",
        text=marked(
            found["text"][page["start"] : page["end"]],
            [{"start": selected[0], "end": selected[1]}] if selected else [],
            page["start"],
        ),
        boxes=[
            one for one in await _boxes(api, plan_id, selected) if one["page"] == page["number"]
        ],
        selected=selected,
        others=[one["number"] for one in (*pages[:at][-1:], *pages[at + 1 :][:1])],
        json=f"/v1/plans/{plan_id}/text",
        subject=f"plans/{plan_id}",
    )


async def _boxes(api: Api, plan_id: str, selected: tuple[int, int] | None) -> list[Document]:
    if not selected:
        return []
    start, end = selected
    span = {"start": start, "end": min(end, start + MOST_BOXED)}
    return await api.array(get_plan_text_boxes, span, plan_id=plan_id)


async def pages_of(api: Api, plan_id: str, start: int, end: int) -> list[int]:
    """The pages of the source on which a span stands; none if it is no PDF."""
    return list(dict.fromkeys(one["page"] for one in await _boxes(api, plan_id, (start, end))))
