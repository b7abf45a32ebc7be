"""`/monitoring` and `/unusual`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from app.kinds.document import Document
from app.pages.reading import MOST_ROWS, Api
from app.pages.rendering import View
from app.resources.monitoring.routes import get_monitoring
from app.resources.plans.routes import list_plans
from app.resources.targets.routes import list_targets
from app.resources.tasks.routes import list_tasks

STATUSES = ("completed", "on_track", "at_risk", "delayed", "not_started", "not_reported")


@dataclass(frozen=True, kw_only=True)
class MonitoringView(View):
    """How a plan stands at a day."""

    template: ClassVar = "monitoring.html"
    plan: Document | None  # None: which one?
    plans: Sequence[Document]
    params: dict[str, Any]
    standing: Document | None
    statuses: Sequence[str] = STATUSES


async def monitoring(api: Api) -> View:
    """`/monitoring`; with one plan, about that."""
    params = api.given("plan", "as_of")
    plans = (await api.rows(list_plans, {"limit": 100})).rows
    ids = params.get("plan") or ([plans[0]["id"]] if len(plans) == 1 else [])
    if not ids:
        return MonitoringView(plan=None, plans=plans, params=params, standing=None)
    read = await api.read(get_monitoring, {**params, "plan": ids})
    standing = read.document
    plan = next((one for one in plans if one["id"] == standing["plan"]), None)
    return MonitoringView(
        plan=plan, plans=plans, params={**params, "plan": ids}, standing=standing, json=read.href
    )


@dataclass(frozen=True, kw_only=True)
class UnusualView(View):
    """What a reader should know of a plan."""

    template: ClassVar = "unusual.html"
    plan: Document | None
    plans: Sequence[Document]
    undated: Sequence[Document] = ()
    without_lead: Sequence[Document] = ()
    changed: Sequence[Document] = ()
    silent: Sequence[Document] = ()


async def unusual(api: Api) -> View:
    """`/unusual`; with one plan, about that."""
    params = api.given("plan")
    plans = (await api.rows(list_plans, {"limit": 100})).rows
    id_ = params.get("plan", [plans[0]["id"] if len(plans) == 1 else None])[0]
    if id_ is None:
        return UnusualView(plan=None, plans=plans)
    of_plan = {"plan": id_, "limit": MOST_ROWS}
    tasks = (await api.rows(list_tasks, of_plan)).rows
    targets = (await api.rows(list_targets, of_plan)).rows
    standing = await api.one(get_monitoring, {"plan": id_})
    return UnusualView(
        plan=next((one for one in plans if one["id"] == id_), None),
        plans=plans,
        undated=[one for one in targets if one["due_basis"] == "plan_end"],
        without_lead=[one for one in tasks if one["is_leaf"] and not _has_lead(one)],
        changed=[one for one in tasks if one["version"] > 1],
        silent=standing["silent"],
        json=f"/v1/monitoring?plan={id_}",
    )


def _has_lead(task: Document) -> bool:
    return any(one["role"] in ("lead", "responsible") for one in task["assignments"])
