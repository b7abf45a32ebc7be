"""`/monitoring` and `/unusual`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from app.kinds.document import Document
from app.pages.reading import MOST_ROWS, Api
from app.pages.rendering import View
from app.resources.monitoring.queries import course
from app.resources.monitoring.routes import get_monitoring
from app.resources.plans.routes import list_plans
from app.resources.targets.routes import list_targets
from app.resources.tasks.routes import list_tasks

MOST_STAGES = 8
STATUSES = ("completed", "on_track", "at_risk", "delayed", "not_started", "not_reported")


@dataclass(frozen=True)
class Stage:
    """How many tasks had which status at a day."""

    day: str
    at: float  # its place between the first and the last day, of 100
    tasks: int
    status: Mapping[str, int]
    href: str

    def y(self, *statuses: str) -> float:
        """The share of these statuses, downwards from the top of a chart of 100."""
        share = sum(self.status[one] for one in statuses) / (self.tasks or 1)
        return round(100 - 100 * share, 1)


@dataclass(frozen=True, kw_only=True)
class MonitoringView(View):
    """How a plan stands at a day."""

    template: ClassVar = "monitoring.html"
    plan: Document | None  # None: there is none
    plans: Sequence[Document]
    params: dict[str, Any]
    standing: Document | None
    course: Sequence[Stage] = ()
    statuses: Sequence[str] = STATUSES


async def monitoring(api: Api, *, with_course: bool = True) -> MonitoringView:
    """`/monitoring`, by default of the latest plan."""
    params = api.given("plan", "as_of")
    plans = (await api.rows(list_plans, {"limit": 100})).rows
    ids = params.get("plan") or _default(plans)
    if not ids:
        return MonitoringView(plan=None, plans=plans, params=params, standing=None)
    read = await api.read(get_monitoring, {**params, "plan": ids})
    standing = read.document
    plan = next((one for one in plans if one["id"] == standing["plan"]), None)
    return MonitoringView(
        plan=plan,
        plans=plans,
        params={**params, "plan": ids},
        standing=standing,
        course=await _course(api, plan, standing) if plan and with_course else (),
        json=read.href,
    )


async def _course(api: Api, plan: Document, standing: Document) -> list[Stage]:
    """The status at the ends of quarters within the plan's period, and at the day of the page.

    Not by a response for each, of which only the counts are shown.
    """
    until = date.fromisoformat(standing["as_of"])
    days = _quarters(plan["period"], until)
    counts = await course(api.reader, plan["id"], days) if days else []
    stages = []
    for day, status in zip(days, counts, strict=True):
        at = 100 * (day - days[0]).days / ((until - days[0]).days or 1)
        page = f"/monitoring?plan={plan['id']}&as_of={day}"
        stages.append(Stage(str(day), round(at, 1), standing["tasks"], vars(status), page))
    return stages


def _quarters(period: Mapping[str, str] | None, until: date) -> list[date]:
    """The last of these ends, and the day itself; empty if that would be the only one."""
    if not period:
        return []
    first, last = (date.fromisoformat(period[name]) for name in ("start_on", "end_on"))
    ends = [
        date(year, month, 31 if month in (3, 12) else 30)
        for year in range(first.year, min(last, until).year + 1)
        for month in (3, 6, 9, 12)
    ]
    days = [one for one in ends if first <= one <= last and one < until]
    return [*days[-MOST_STAGES:], until] if days else []


def _default(plans: Sequence[Document]) -> list[str]:
    """The latest plan, of a government that exists if there is one; empty without plans."""
    latest = sorted(plans, key=lambda one: (not one["is_example"], one["issued_on"] or ""))
    return [one["id"] for one in latest[-1:]]


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
    """`/unusual`, by default of the latest plan."""
    params = api.given("plan")
    plans = (await api.rows(list_plans, {"limit": 100})).rows
    ids = params.get("plan") or _default(plans)
    if not ids:
        return UnusualView(plan=None, plans=plans)
    id_ = ids[0]
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
