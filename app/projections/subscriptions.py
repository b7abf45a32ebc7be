"""Which changes a webhook is notified of: those of its events, government and filters.

The filters by government, year and series mean what those of lists mean: a change has the government
of its plan, or its own; what belongs to no plan is in the year and series of plans that refer to it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.models import Assignment, Mention, Plan, PlanYear, Region, Task, Webhook

BY_GOVERNMENT = ("jurisdiction", "within", "year", "series")


def event_of(resource: str, operation: str) -> str:
    """The event name of a change: `report.created`."""
    return f"{resource}.{operation}"


@dataclass
class _Whose:
    """The governments, years and series that a change belongs to."""

    jurisdiction: set[str] = field(default_factory=set)
    within: set[str] = field(default_factory=set)  # these, and all above them
    year: set[int] = field(default_factory=set)
    series: set[str] = field(default_factory=set)


def subscribed(
    session: Session, webhooks: Sequence[Webhook], changes: Sequence[Mapping[str, Any]]
) -> list[tuple[Webhook, Mapping[str, Any]]]:
    """The changes of which each webhook is notified; at most six statements, whatever their number."""
    found = [
        (webhook, change)
        for webhook in webhooks
        for change in changes
        if event_of(change["resource"], change["op"]) in webhook.events
        and _concerns(webhook, change)
    ]
    narrowed = [(webhook, change) for webhook, change in found if _is_narrowed(webhook)]
    if not narrowed:
        return found
    whose = _whose(session, {change["seq"]: change for _, change in narrowed}.values())
    return [
        (webhook, change)
        for webhook, change in found
        if not _is_narrowed(webhook) or _is_within(webhook, whose[change["seq"]])
    ]


def _concerns(webhook: Webhook, change: Mapping[str, Any]) -> bool:
    filters = webhook.filters or {}
    if webhook.created_at > change["at"]:  # by a write that is committed together with it
        return False
    agencies, plans = filters.get("agency"), filters.get("plan")
    concerned = not agencies or not set(agencies).isdisjoint(change["agencies"])
    return concerned and (not plans or change["plan_id"] in plans)


def _is_narrowed(webhook: Webhook) -> bool:
    filters = webhook.filters or {}
    return bool(webhook.jurisdiction_code) or any(filters.get(name) for name in BY_GOVERNMENT)


def _is_within(webhook: Webhook, whose: _Whose) -> bool:
    if webhook.jurisdiction_code and webhook.jurisdiction_code not in whose.within:
        return False
    filters = webhook.filters or {}
    return all(
        not filters.get(name) or not getattr(whose, name).isdisjoint(filters[name])
        for name in BY_GOVERNMENT
    )


def _whose(session: Session, changes: Iterable[Mapping[str, Any]]) -> dict[int, _Whose]:
    """The governments, years and series of changes, by their numbers."""
    rows = list(changes)
    plans = _plans(session, rows)
    ids = {plan for named in plans.values() for plan in named}
    stored = select(Plan.id, Plan.jurisdiction_code, Plan.series).where(Plan.id.in_(ids))
    of_plan = {id_: (code, series) for id_, code, series in session.execute(stored)}
    years: dict[str, set[int]] = defaultdict(set)
    of_years = select(PlanYear.plan_id, PlanYear.year).where(PlanYear.plan_id.in_(ids))
    for plan, year in session.execute(of_years):
        years[plan].add(year)
    found = {}
    for change in rows:
        named = plans[change["seq"]]
        own = change["jurisdiction_code"]
        found[change["seq"]] = _Whose(
            jurisdiction={own} if own else {of_plan[plan][0] for plan in named},
            year={year for plan in named for year in years[plan]},
            series={series for plan in named if (series := of_plan[plan][1])},
        )
    every = {code for whose in found.values() for code in whose.jurisdiction}
    paths = select(Region.code, Region.path).where(Region.code.in_(every))
    above = {code: set(path.split("/")) for code, path in session.execute(paths)}
    for whose in found.values():
        whose.within = {one for code in whose.jurisdiction for one in above[code]}
    return found


def _plans(session: Session, changes: Sequence[Mapping[str, Any]]) -> dict[int, set[str]]:
    """The plan of each change; of what belongs to none, those that refer to it."""
    ids: dict[str, set[str]] = defaultdict(set)
    for change in changes:
        if change["plan_id"] is None:
            ids[change["resource"]].add(change["id"])
    live = Task.withdrawn_at.is_(None)
    referring = {
        "agency": select(Assignment.agency_id, Task.plan_id)
        .join(Task, Task.id == Assignment.task_id)
        .where(Assignment.agency_id.in_(ids["agency"]), live),
        "platform": select(Mention.platform_id, Mention.plan_id).where(
            Mention.platform_id.in_(ids["platform"]), Mention.task_id.is_not(None)
        ),
        "jurisdiction": select(Plan.jurisdiction_code, Plan.id).where(
            Plan.jurisdiction_code.in_(ids["jurisdiction"])
        ),
    }
    plans: dict[tuple[str, str], set[str]] = defaultdict(set)
    for resource, statement in referring.items():
        for id_, plan in session.execute(statement.distinct()) if ids[resource] else ():
            plans[resource, id_].add(plan)
    return {
        change["seq"]: {change["plan_id"]}
        if change["plan_id"]
        else plans[change["resource"], change["id"]]
        for change in changes
    }
