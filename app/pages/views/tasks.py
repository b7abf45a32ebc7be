"""`/tasks/{id}` and `/tasks`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from app.kinds.document import Document
from app.pages.reading import Api, Rows
from app.pages.rendering import View
from app.pages.timeline import Happening, happenings
from app.resources.assessments.routes import list_assessments
from app.resources.measurements.routes import list_measurements
from app.resources.milestones.routes import list_milestones
from app.resources.plans.routes import get_plan, get_plan_text
from app.resources.reports.routes import list_reports
from app.resources.tasks.routes import get_task, get_task_facets, list_tasks
from app.resources.tasks.schemas import TaskFacetField

CONTEXT = 90  # code points of the notice shown before and after a task
FILTERS = (
    "plan", "section", "agency", "role", "agency_kind", "platform", "place", "status",
    "has_targets", "leaf", "overdue", "period_ended", "q", "sort",
)  # fmt: skip
FACETS = (TaskFacetField.STATUS, TaskFacetField.SECTION, TaskFacetField.ROLE)


@dataclass(frozen=True)
class Quote:
    """The words of a task in the notice, and what stands around them."""

    before: str
    words: str
    after: str
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class TaskView(View):
    """A task: who, what, by when, and where the notice says so."""

    template: ClassVar = "task.html"
    task: Document
    plan: Document
    children: Sequence[Document]
    quote: Quote
    happenings: Sequence[Happening]


async def task(api: Api, task_id: str) -> View:
    """`/tasks/{id}`."""
    found = await api.one(get_task, task_id=task_id)
    plan_id = found["plan"]
    plan = await api.one(get_plan, plan_id=plan_id)
    text = (await api.read(get_plan_text, {"format": "text"}, plan_id=plan_id)).body.decode()
    children: Sequence[Document] = []
    if not found["is_leaf"]:
        children = (await api.rows(list_tasks, {"parent": task_id, "limit": 200})).rows
    of_task = {"task": task_id, "limit": 200}
    agencies = [one["agency"]["id"] for one in found["assignments"]]
    assessments: Sequence[Document] = []
    if agencies:
        of_agencies = {"plan": plan_id, "agency": agencies, "limit": 200}
        assessments = (await api.rows(list_assessments, of_agencies)).rows
    return TaskView(
        task=found,
        plan=plan,
        children=children,
        quote=_quote(text, found, children),
        happenings=happenings(
            milestones=(await api.rows(list_milestones, of_task)).rows,
            reports=(await api.rows(list_reports, of_task)).rows,
            measurements=(await api.rows(list_measurements, of_task)).rows,
            assessments=assessments,
        ),
        json=f"/v1/tasks/{task_id}",
        feed=f"/v1/changes.atom?plan={plan_id}",
        ld={
            "@type": "CreativeWork",
            "name": found["title"],
            "identifier": found["id"],
            "isPartOf": {"@type": "CreativeWork", "name": plan["title"]},
        },
    )


def _quote(text: str, task: Document, children: Sequence[Document]) -> Quote:
    """From its number to its end; of an item with sub-items, up to the first of them."""
    start, end = task["span"]["start"], task["span"]["end"]
    end = min([end, *(child["span"]["start"] for child in children)])
    return Quote(
        text[max(0, start - CONTEXT) : start],
        text[start:end],
        "" if children else text[end : end + CONTEXT],
        start,
        end,
    )


@dataclass(frozen=True, kw_only=True)
class TasksView(View):
    """Tasks under filters, with facets as links."""

    template: ClassVar = "tasks.html"
    tasks: Rows
    params: dict[str, Any]
    facets: Sequence[Document]


async def tasks(api: Api) -> View:
    """`/tasks`."""
    params = api.given(*FILTERS)
    filters = {name: values for name, values in params.items() if name != "sort"}
    found = await api.rows(list_tasks, {**params, "limit": 100, **api.given("cursor")})
    facets = [
        await api.one(get_task_facets, filters, field=field.value)
        for field in FACETS
        if field.value not in params
    ]
    return TasksView(
        tasks=found, params=params, facets=facets, json=found.href, csv=f"{found.href}&format=csv"
    )
