"""`/plans`, `/plans/{id}`, `/plans/{id}/text`, `/plans/{id}/reading`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from markupsafe import Markup, escape

from app.http.languages import ENGLISH
from app.kinds.document import Document
from app.pages.english import english
from app.pages.reading import MOST_ROWS, Api, Rows
from app.pages.rendering import View, page_language
from app.projections.comparison.compared import order_of
from app.resources.plans.routes import get_plan, get_plan_text, list_plans
from app.resources.sections.routes import list_sections
from app.resources.targets.routes import list_targets
from app.resources.tasks.routes import list_tasks


@dataclass(frozen=True, kw_only=True)
class PlansView(View):
    """All plans."""

    template: ClassVar = "plans.html"
    plans: Rows


async def all_plans(api: Api) -> View:
    """`/plans`."""
    plans = await api.rows(list_plans, {"limit": 100, **api.given("cursor")})
    return PlansView(
        plans=plans, json="/v1/plans", csv="/v1/plans?format=csv", feed="/v1/changes.atom"
    )


@dataclass(frozen=True)
class Part:
    """A section with its targets and tasks; without a section, the tasks that have none."""

    section: Document | None
    targets: Sequence[Document]
    tasks: Sequence[Document]


@dataclass(frozen=True, kw_only=True)
class PlanView(View):
    """A whole notice."""

    template: ClassVar = "plan.html"
    plan: Document
    parts: Sequence[Part]
    next: str | None
    before: Document | None  # the plan before it in its series


async def plan(api: Api, plan_id: str) -> View:
    """`/plans/{id}`: four responses, however many tasks."""
    found = await api.one(get_plan, plan_id=plan_id)
    of_plan = {"plan": plan_id, "limit": MOST_ROWS}
    sections = await api.rows(list_sections, of_plan)
    tasks = await api.rows(list_tasks, {**of_plan, **api.given("cursor")})
    targets = await api.rows(list_targets, of_plan)
    return PlanView(
        plan=found,
        before=next(iter(await earlier_in_series(api, found)), None),
        parts=_parts(sections.rows, targets.rows, tasks.rows),
        next=tasks.next,
        json=f"/v1/plans/{plan_id}",
        subject=f"plans/{plan_id}",
        csv=f"/v1/tasks?plan={plan_id}&format=csv",
        calendar=f"/v1/deadlines.ics?plan={plan_id}",
        feed=f"/v1/changes.atom?plan={plan_id}",
        ld={
            "@type": "CreativeWork",
            "name": found["title"],
            "identifier": found["document_number"],
            "datePublished": found["issued_on"],
            "inLanguage": "zh-Hans",
            "publisher": found["issuer"]
            and {"@type": "GovernmentOrganization", "name": found["issuer"]},
        },
    )


async def earlier_in_series(api: Api, plan: Document) -> list[Document]:
    """The earlier plans of its series, the latest first."""
    if not plan["series"]:
        return []
    return earlier(
        plan, (await api.rows(list_plans, {"series": plan["series"], "limit": 100})).rows
    )


def earlier(plan: Document, plans: Sequence[Document]) -> list[Document]:
    """Those of the plans that a plan can be compared with, the latest first."""
    before = (one for one in plans if order_of(one) < order_of(plan))
    return sorted(before, key=order_of, reverse=True)


@dataclass(frozen=True, kw_only=True)
class ReadingView(View):
    """Who read a notice, who checked it, and how much of it became data."""

    template: ClassVar = "reading.html"
    plan: Document


async def reading(api: Api, plan_id: str) -> View:
    """`/plans/{id}/reading`."""
    found = await api.one(get_plan, plan_id=plan_id)
    return ReadingView(plan=found, json=f"/v1/plans/{plan_id}", subject=f"plans/{plan_id}")


def _parts(
    sections: Sequence[Document], targets: Sequence[Document], tasks: Sequence[Document]
) -> list[Part]:
    """Sections in the order of the text; tasks without a section come first."""

    def of(rows: Sequence[Document], section: Document | None) -> list[Document]:
        id_ = section and section["id"]
        return [row for row in rows if (row["section"] and row["section"]["id"]) == id_]

    own = [target for target in targets if not target["task"]]
    parts = [Part(one, of(own, one), of(tasks, one)) for one in (None, *sections)]
    return [part for part in parts if part.section or part.tasks]


@dataclass(frozen=True)
class Restored:
    """A kind of mechanical correction: the same characters, so many times."""

    kind_label: str
    kind: str
    raw: str
    text: str
    times: int
    span: Mapping[str, int]  # of the first


@dataclass(frozen=True, kw_only=True)
class TextView(View):
    """The text of a notice, with its corrections."""

    template: ClassVar = "text.html"
    plan: Document
    text: Markup
    sha256: str
    editorial: Sequence[Document]
    mechanical: Sequence[Restored]
    selected: tuple[int, int] | None


async def text(api: Api, plan_id: str) -> View:
    """`/plans/{id}/text`, where `start` and `end` select a span, and a task's id is its anchor."""
    found = await api.one(get_plan, plan_id=plan_id)
    document = await api.one(get_plan_text, plan_id=plan_id)
    tasks = await api.rows(list_tasks, {"plan": plan_id, "limit": MOST_ROWS})
    editorial = [one for one in document["corrections"] if one["certainty"] == "editorial"]
    mechanical = [one for one in document["corrections"] if one["certainty"] != "editorial"]
    selected = api.selected()
    if selected and selected[1] > len(document["text"]):
        selected = None
    places = [(task["span"], f'<span id="{task["id"]}">', "</span>") for task in tasks.rows]
    places += [
        (one["span"], f'<a href="#c{i}" id="t{i}">', "</a>") for i, one in enumerate(editorial, 1)
    ]
    of = "?start={}&amp;end={}".format(*selected) if selected else ""
    places += [_page_break(api, plan_id, page, of) for page in document["pages"]]
    if selected:
        span = dict(zip(("start", "end"), selected, strict=True))
        places.append((span, '<mark id="span">', "</mark>"))
    return TextView(
        plan=found,
        text=_with_elements(document["text"], places),
        sha256=document["text_sha256"],
        editorial=editorial,
        mechanical=_grouped(mechanical),
        selected=selected,
        subject=f"plans/{plan_id}",
        json=f"/v1/plans/{plan_id}/text",
    )


def _page_break(
    api: Api, plan_id: str, page: Document, of: str
) -> tuple[Mapping[str, int], str, str]:
    """The number of a page of the source where it begins; a link if there is a picture of it."""
    number, start = page["number"], page["start"]
    name = "第 {n} 页"
    if page_language(api.request) == ENGLISH:
        name = english(name)
    name = name.format(n=number)
    if page["image"]:
        name = f'<a href="/plans/{plan_id}/pages/{number}{of}">{name}</a>'
    return {"start": start, "end": start}, f'<span class="page" id="p{number}">{name}', "</span>"


def _with_elements(text: str, places: Sequence[tuple[Mapping[str, int], str, str]]) -> Markup:
    """Text with an element around each place.

    Elements must nest: where places cross, the outer one is closed and the rest of it stays plain.
    """
    begins = sorted(places, key=_order)
    parts: list[str] = []
    open_: list[tuple[int, str]] = []  # end and closing tag
    at = 0

    def advance(to: int) -> None:
        nonlocal at
        while open_ and open_[-1][0] <= to:
            end, closing = open_.pop()
            parts.append(str(escape(text[at:end])))
            parts.append(closing)
            at = max(at, end)
        parts.append(str(escape(text[at:to])))
        at = to

    for span, opening, closing in begins:
        advance(span["start"])
        end = min([span["end"], *(outer for outer, _ in open_)])
        parts.append(opening)
        open_.append((end, closing))
    advance(len(text))
    return Markup("".join(parts))  # noqa: S704 - text is escaped above, elements are our own


def _order(place: tuple[Mapping[str, int], str, str]) -> tuple[int, bool, int]:
    """Outer elements first; what has no words of its own stands before them."""
    start, end = place[0]["start"], place[0]["end"]
    return start, start < end, -end


def _grouped(corrections: Sequence[Document]) -> list[Restored]:
    """The same correction once, with how often it was made; most frequent first."""
    keys = [(one["kind"], one["raw"], one["text"]) for one in corrections]
    times = Counter(keys)
    first = dict(zip(reversed(keys), reversed(corrections), strict=True))
    return [
        Restored(first[key]["kind_label"], key[0], key[1], key[2], count, first[key]["span"])
        for key, count in times.most_common()
    ]
