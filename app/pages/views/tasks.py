"""`/tasks/{id}` and `/tasks`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from app.enums import AgencyKind, Labelled, MentionMode, ProgressStatus, Role
from app.kinds.document import Document
from app.pages.reading import MOST_ROWS, Api, Endpoint, Rows
from app.pages.rendering import View
from app.pages.timeline import Happening, happenings
from app.pages.views.source_pages import pages_of
from app.resources.agencies.routes import list_agencies
from app.resources.assessments.routes import list_assessments
from app.resources.comparisons.routes import get_task_lineage
from app.resources.jurisdictions.routes import list_jurisdictions
from app.resources.measurements.routes import list_measurements
from app.resources.milestones.routes import list_milestones
from app.resources.plans.routes import get_plan, get_plan_text, list_plans
from app.resources.platforms.routes import list_platforms
from app.resources.reports.routes import list_reports
from app.resources.sections.routes import list_sections
from app.resources.tasks.routes import get_task, get_task_facets, list_tasks
from app.resources.tasks.schemas import TaskFacetField

CONTEXT = 90  # code points of the notice shown before and after a task
FILTERS = (
    "jurisdiction", "within", "year", "series", "plan", "section", "agency", "role", "agency_kind", "platform", "place", "status",
    "mode", "has_targets", "leaf", "overdue", "period_ended", "q", "sort",
)  # fmt: skip
# Filters by id, and the list with their names.
NAMED: Mapping[str, Endpoint] = {
    "jurisdiction": list_jurisdictions,
    "within": list_jurisdictions,
    "plan": list_plans,
    "section": list_sections,
    "agency": list_agencies,
    "platform": list_platforms,
}
CLOSED: Mapping[str, type[Labelled]] = {
    "status": ProgressStatus,
    "role": Role,
    "agency_kind": AgencyKind,
    "mode": MentionMode,
}
YES_OR_NO = {"true": "是", "false": "否"}
OTHER_FILTERS = {
    "within": "连同下级", "overdue": "超期", "period_ended": "期满", "q": "搜索词", "sort": "次序",
}  # fmt: skip
MOST_COUNTED = 20_000  # tasks by facets on a page; more are first narrowed
FACETS = (TaskFacetField.STATUS, TaskFacetField.SECTION, TaskFacetField.ROLE)


@dataclass(frozen=True)
class Quote:
    """The words of a task in the notice, and what stands around them."""

    before: str
    words: str
    after: str
    start: int
    end: int


@dataclass(frozen=True)
class Clause:
    """An assignment clause, and the words that it is about."""

    text: str
    covers: str


@dataclass(frozen=True, kw_only=True)
class TaskView(View):
    """A task: who, what, by when, and where the notice says so."""

    template: ClassVar = "task.html"
    task: Document
    plan: Document
    children: Sequence[Document]
    quote: Quote
    clauses: Sequence[Clause]  # if there are several
    before: Document | None  # the earlier plan with a task that it goes on from
    rules: Mapping[int, str]  # position of an assignment → the sentence on which it rests
    happenings: Sequence[Happening]
    pages: Sequence[int]  # of the source, if it is a PDF


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
    quote = _quote(text, found, children)
    return TaskView(
        task=found,
        plan=plan,
        children=children,
        quote=quote,
        pages=await pages_of(api, plan_id, quote.start, quote.end),
        clauses=_clauses(text, found),
        before=_before(task_id, (await api.one(get_task_lineage, task_id=task_id))["lineage"]),
        rules={
            one["position"]: _words(text, one["rule"])
            for one in found["assignments"]
            if one["rule"]
        },
        happenings=happenings(
            milestones=(await api.rows(list_milestones, of_task)).rows,
            reports=(await api.rows(list_reports, of_task)).rows,
            measurements=(await api.rows(list_measurements, of_task)).rows,
            assessments=assessments,
        ),
        json=f"/v1/tasks/{task_id}",
        subject=f"tasks/{task_id}",
        feed=f"/v1/changes.atom?plan={plan_id}",
        ld={
            "@type": "CreativeWork",
            "name": found["title"],
            "identifier": found["id"],
            "isPartOf": {"@type": "CreativeWork", "name": plan["title"]},
        },
    )


def _before(task_id: str, lineage: Sequence[Document]) -> Document | None:
    """The plan of the latest task that a task goes on from."""
    links = [
        link["id"] for one in lineage if one["task"]["id"] == task_id for link in one["continues"]
    ]
    plans: list[Document] = [one["plan"] for one in lineage if one["task"]["id"] in links]
    return plans[0] if plans else None


def _clauses(text: str, task: Document) -> list[Clause]:
    """Those of a task that has several: which is about what."""
    clauses = task["assignment_clauses"]
    if len(clauses) < 2:
        return []
    return [Clause(one["text"], _words(text, one["covers"])) for one in clauses]


def _words(text: str, span: Mapping[str, int]) -> str:
    return text[span["start"] : span["end"]].strip()


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


@dataclass(frozen=True)
class Chosen:
    """A filter in use, as people read it."""

    field: str
    field_label: str
    value: str
    value_label: str
    is_words: bool  # a name, not a value of a closed set


@dataclass(frozen=True)
class Choice:
    """A filter that can be added, and how many tasks it leaves; those without a value have none."""

    value: str | None
    value_label: str
    is_words: bool
    count: int


@dataclass(frozen=True)
class Facet:
    """The filters of a field that can be added."""

    field: str
    field_label: str
    choices: Sequence[Choice]


@dataclass(frozen=True, kw_only=True)
class TasksView(View):
    """Tasks under filters, with facets as links."""

    template: ClassVar = "tasks.html"
    tasks: Rows
    params: dict[str, Any]
    chosen: Sequence[Chosen]
    facets: Sequence[Facet]


async def tasks(api: Api) -> View:
    """`/tasks`."""
    params = api.given(*FILTERS)
    filters = {name: values for name, values in params.items() if name != "sort"}
    found = await api.rows(list_tasks, {**params, "limit": 100, **api.given("cursor")})
    facets = [
        _facet(field, await api.one(get_task_facets, filters, field=field.value))
        for field in FACETS
        if field.value not in params and found.total <= MOST_COUNTED
    ]
    return TasksView(
        tasks=found,
        params=params,
        chosen=await _chosen(api, params, found.rows),
        facets=facets,
        json=found.href,
        csv=found.csv,
    )


def _facet(field: TaskFacetField, counted: Document) -> Facet:
    choices = [
        Choice(one["value"], one["label"] or one["value"], field.value not in CLOSED, one["count"])
        for one in counted["data"]
    ]
    return Facet(field.value, field.label, choices)


async def _chosen(
    api: Api, params: Mapping[str, list[str]], tasks: Sequence[Document]
) -> list[Chosen]:
    """The filters in use; at most one list for each filter by id."""
    chosen = []
    for field, values in params.items():
        field_label = OTHER_FILTERS.get(field) or TaskFacetField(field).label
        labels: Mapping[str, str] = YES_OR_NO
        if field in NAMED:
            labels = await _names(api, NAMED[field], values)
        elif field in CLOSED:
            labels = {one.value: one.label for one in CLOSED[field]}
        elif field == "place":
            labels = {place["code"]: place["name"] for task in tasks for place in task["places"]}
        is_words = field not in CLOSED and labels is not YES_OR_NO or field == "q"
        chosen += [
            Chosen(field, field_label, value, labels.get(value, value), is_words)
            for value in values
        ]
    return chosen


async def _names(api: Api, endpoint: Endpoint, ids: Sequence[str]) -> dict[str, str]:
    """The names of ids; a filter may also be given a name, which stays."""
    rows = (await api.rows(endpoint, {"id": ids, "limit": MOST_ROWS})).rows
    return {one["id"]: one.get("name") or one["title"] for one in rows}
