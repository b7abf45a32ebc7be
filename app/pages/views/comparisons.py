"""`/plans/{id}/comparison`, `/tasks/{id}/history` and `/compare`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from app.http.languages import ENGLISH
from app.kinds import BY_NAME
from app.kinds.document import Document
from app.pages.reading import MOST_ROWS, Api, Rows
from app.pages.rendering import Redirect, View, page_language
from app.pages.views.plans import earlier, earlier_in_series
from app.projections.comparison.compared import order_of
from app.resources.compare.routes import compare_documents
from app.resources.comparisons.routes import get_comparison, get_task_lineage
from app.resources.plans.routes import get_plan, list_plans
from app.resources.tasks.routes import get_task, list_tasks
from app.resources.versions.routes import router as versions
from app.routing import Operation

LIST_TASK_VERSIONS = next(
    route.endpoint
    for route in versions.routes
    if isinstance(route, Operation) and route.name == "list_task_versions"
)
# Members that are no column of their own in tables for people.
MEMBERS = {
    "progress": "进展",
    "assignments": "分工",
    "assignment_clauses": "分工原文",
    "ordinal": "次序",
    "attainment": "达成情况",
    "span": "位置",
}
UNSHOWN = {"html_url", "span", "ordinal"}
Tasks = Mapping[str, Document]  # by id


@dataclass(frozen=True, kw_only=True)
class ComparisonView(View):
    """A plan beside an earlier one; without one, those that it can be compared with."""

    template: ClassVar = "comparison.html"
    plan: Document
    earlier: Document | None = None
    comparison: Document | None = None
    here: Tasks | None = None
    there: Tasks | None = None
    choices: Sequence[Document] = ()


async def comparison(api: Api, plan_id: str) -> View:
    """`/plans/{id}/comparison`, by default with the plan before it in its series."""
    plan = await api.one(get_plan, plan_id=plan_id)
    params: dict[str, Any] = dict(api.given("with"))
    if not params:
        before = await earlier_in_series(api, plan)
        if not before:
            plans = await api.rows(list_plans, {"limit": 200})
            return ComparisonView(plan=plan, choices=earlier(plan, plans.rows))
        params = {"with": [before[0]["id"]]}
    other = await api.one(get_plan, plan_id=params["with"][0])
    if order_of(other) > order_of(plan):  # the data have one order of the two
        return Redirect(to=f"/plans/{other['id']}/comparison?{urlencode({'with': plan_id})}")
    read = await api.read(get_comparison, params, plan_id=plan_id)
    found = read.document
    return ComparisonView(
        plan=plan,
        earlier=other,
        comparison=found,
        here=await _tasks(api, plan_id),
        there=await _tasks(api, found["with"]),
        json=read.href,
    )


async def _tasks(api: Api, plan_id: str) -> Tasks:
    rows = (await api.rows(list_tasks, {"plan": plan_id, "limit": MOST_ROWS})).rows
    return {task["id"]: task for task in rows}


@dataclass(frozen=True, kw_only=True)
class HistoryView(View):
    """A task through the years, and its versions."""

    template: ClassVar = "history.html"
    task: Document
    lineage: Sequence[Document]
    plan_of: Mapping[str, str]  # task of the lineage → its plan
    versions: Rows
    names: Mapping[str, str]


async def history(api: Api, task_id: str) -> View:
    """`/tasks/{id}/history`."""
    task = await api.one(get_task, task_id=task_id)
    lineage = (await api.one(get_task_lineage, task_id=task_id))["lineage"]
    versions = await api.rows(LIST_TASK_VERSIONS, api.given("cursor"), resource_id=task_id)
    return HistoryView(
        task=task,
        lineage=lineage,
        plan_of={one["task"]["id"]: one["plan"]["id"] for one in lineage},
        versions=versions,
        names=_names("task"),
        json=f"/v1/tasks/{task_id}/versions",
        feed=f"/v1/changes.atom?plan={task['plan']}",
    )


@dataclass(frozen=True, kw_only=True)
class CompareView(View):
    """Two documents, or two versions of one, side by side."""

    template: ClassVar = "compare.html"
    params: dict[str, list[str]]
    found: Document | None
    texts: Sequence[Document]  # differences to show
    lists: Sequence[str]  # members with other differences
    names: Mapping[str, str]


async def compare(api: Api) -> View:
    """`/compare`; the data have one order of the two, and the page shows that."""
    params = api.given("a", "b")
    if not params:
        return CompareView(params=params, found=None, texts=(), lists=(), names={})
    read = await api.read(compare_documents, params)
    if not read.body:
        read = await api.read(compare_documents, {"a": params["b"], "b": params["a"]})
    found = read.document
    lists = [one["name"] for one in found["differences"] if _is_list(one)]
    is_english = page_language(api.request) == ENGLISH
    return CompareView(
        params=params,
        found=found,
        texts=[
            shown
            for one in found["differences"]
            if one["name"] not in lists and (shown := _shown(one, found, is_english))
        ],
        lists=lists,
        names=_names(found["resource"]),
        json=read.href,
    )


def _shown(difference: Document, found: Document, is_english: bool) -> Document | None:
    """What readers need: no addresses and places, and of a closed set the label alone.

    English labels are the values themselves, as everywhere in pages.
    """
    name: str = difference["name"]
    is_code = any(one["name"] == f"{name}_label" for one in found["differences"])
    unneeded = name.endswith("_label") if is_english else is_code
    if unneeded or name.partition(".")[0] in UNSHOWN:
        return None
    sides = {side: difference[side] for side in ("a", "b")}
    if is_code:
        sides = {side: text and text.replace("_", " ").capitalize() for side, text in sides.items()}
    return {**difference, **sides, "diff": [] if is_code else difference["diff"], "code": is_code}


def _is_list(difference: Document) -> bool:
    """Whether the values are lists, which the data have as JSON."""
    return not difference["diff"] and any(
        (difference[side] or "").startswith("[") for side in ("a", "b")
    )


def _names(kind: str) -> dict[str, str]:
    """Member → its Chinese name, as in tables for people."""
    return MEMBERS | {column.name: column.label for column in BY_NAME[kind].columns}
