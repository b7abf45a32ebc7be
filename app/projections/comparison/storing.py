"""The stored comparisons: made when a plan is loaded, forgotten when it changes.

Comparisons that only someone asked for are stored by `app/resources/comparisons/computing.py`.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, delete, insert, or_, select
from sqlalchemy.orm import Session

from app.db.models import (
    Comparison,
    LineageDecision,
    LineageLink,
    Mention,
    Plan,
    Platform,
    Target,
    Task,
)
from app.kinds.document import Document
from app.projections.comparison.compared import ComparedPlan, Decision, order_of
from app.projections.json_text import as_json

MOST_TASKS = 2_000  # of a plan that is compared when it is loaded: some seconds
ORDER = (Plan.id, Plan.period_start_on, Plan.period_end_on, Plan.issued_on)  # for `order_of`
A_BATCH = 100  # plans whose neighbours are looked up together
PLAN_ID: BindParameter[str] = bindparam("plan")
Rows = tuple[tuple[Any, ...], ...]  # for each statement of INPUTS its rows
Pair = tuple[str, str]  # the ids of a plan and of an earlier one
# What a comparison reads of a plan.
INPUTS: Mapping[str, Select[*tuple[Any, ...]]] = {
    "tasks": select(Task.document)
    .where(Task.plan_id == PLAN_ID, Task.withdrawn_at.is_(None))
    .order_by(Task.span_start, Task.id),
    "targets": select(Target.document)
    .where(Target.plan_id == PLAN_ID, Target.withdrawn_at.is_(None))
    .order_by(Target.span_start, Target.ordinal),
    "platforms": select(Platform.id, Platform.name)
    .join(Mention, Mention.platform_id == Platform.id)
    .where(Mention.plan_id == PLAN_ID)
    .order_by(Mention.span_start),
    "decisions": select(
        LineageDecision.earlier_plan_id,
        LineageDecision.task_id,
        LineageDecision.continues_id,
        LineageDecision.relation,
    )
    .where(LineageDecision.plan_id == PLAN_ID)
    .order_by(LineageDecision.position),
}


def compared_plan(plan_id: str, rows: Rows) -> ComparedPlan:
    """A plan from the rows of `INPUTS`."""
    tasks, targets, platforms, decided = rows
    decisions: dict[str, list[Decision]] = defaultdict(list)
    for earlier, task, continues, relation in decided:
        if task:
            decisions[earlier].append(Decision(task, continues, relation))
    return ComparedPlan(
        plan_id,
        [json.loads(document) for (document,) in tasks],
        [json.loads(document) for (document,) in targets],
        [{"id": id_, "name": name} for id_, name in dict.fromkeys(platforms)],
        decisions,
        frozenset(earlier for earlier, *_ in decided),
    )


def store_decisions(
    session: Session, plan_id: str, rows: Iterable[Document], left_out: list[str]
) -> bool:
    """Store what `editorial.yaml` decides; gives whether that has changed.

    A decision about a task that one of the two plans does not have is left out, and so is one about the
    plan itself.
    """
    new = _decisions(session, plan_id, list(rows), left_out)
    of_plan = LineageDecision.plan_id == plan_id
    stored = select(*LineageDecision.__table__.columns).where(of_plan)
    if new == [dict(row) for row in session.execute(stored.order_by("position")).mappings()]:
        return False
    session.execute(delete(LineageDecision).where(of_plan))
    if new:
        session.execute(insert(LineageDecision), new)
    return True


def _decisions(
    session: Session, plan_id: str, rows: list[Document], left_out: list[str]
) -> list[Document]:
    """The rows whose tasks exist; those of an earlier plan that is not loaded are not known."""
    if not rows:
        return []
    others = select(Plan.id).where(Plan.id.in_([row["earlier_plan_id"] for row in rows]))
    plans = {plan_id, *session.scalars(others)}
    named = {row[name] for row in rows for name in ("task_id", "continues_id")} - {None}
    tasks = set(session.scalars(select(Task.id).where(Task.id.in_(named))))
    found = []
    for row in rows:
        ends = ((plan_id, row["task_id"]), (row["earlier_plan_id"], row["continues_id"]))
        missing = [
            f"{plan_id}: continues: {plan} has no task {task}"
            for plan, task in ends
            if task and plan in plans and task not in tasks
        ]
        if row["earlier_plan_id"] == plan_id:
            missing = [f"{plan_id}: continues: {plan_id} is this plan; expected an earlier one"]
        left_out += missing
        if not missing:
            found.append(row)
    return found


def read_inputs(session: Session, plan_id: str) -> Rows:
    """The rows of `INPUTS` for a plan."""
    found = [session.execute(statement, {"plan": plan_id}) for statement in INPUTS.values()]
    return tuple(tuple(map(tuple, rows)) for rows in found)


def store_comparison(
    session: Session, pair: Pair, document: str, links: Iterable[Document] | None
) -> None:
    """Store a comparison; with links it is part of lineages."""
    later, earlier = pair
    row = {"later_id": later, "earlier_id": earlier, "document": document}
    session.execute(insert(Comparison), [{**row, "is_lineage": links is not None}])
    rows = [{**link, "later_plan_id": later, "earlier_plan_id": earlier} for link in links or ()]
    if rows:
        session.execute(insert(LineageLink), rows)


def refresh_comparisons(
    session: Session,
    plan_ids: Collection[str],
    changed: Collection[str],
    left_out: list[str],
) -> bool:
    """Make the comparisons of plans with their neighbours what they must be.

    A neighbour is the next plan of the same series, or one that `editorial.yaml` names, but for a plan
    of a later period: that is left out, and so are plans with too many tasks.
    Gives whether a response may have changed.
    """
    ids = sorted({*plan_ids, *changed})
    batches = [ids[start : start + A_BATCH] for start in range(0, len(ids), A_BATCH)]
    series = [_series_of(session, batch) for batch in batches]  # also of what is forgotten now
    _forget(session, changed)
    refreshed = [_refresh(session, *each, left_out) for each in zip(batches, series, strict=True)]
    return bool(changed) or any(refreshed)


def _refresh(
    session: Session, plan_ids: Collection[str], series: Collection[str], left_out: list[str]
) -> bool:
    beside = session.scalars(select(Plan.id).where(Plan.series.in_(series)))
    plans = {*plan_ids, *beside}
    expected = _neighbours(session, series) | _named(session, plans, left_out)
    stored = _stored(session, plans)
    is_changed = bool(stored - expected)
    for pair in stored - expected:
        _delete(session, pair)
    inputs: dict[str, ComparedPlan] = {}

    def plan(plan_id: str) -> ComparedPlan:
        if plan_id not in inputs:
            inputs[plan_id] = compared_plan(plan_id, read_inputs(session, plan_id))
        return inputs[plan_id]

    for pair in sorted(expected - stored):
        here, there = map(plan, pair)
        if max(len(here.tasks), len(there.tasks)) > MOST_TASKS:
            left_out.append(
                f"{here.id}: its comparison with {there.id}: one has more than {MOST_TASKS} tasks"
            )
            continue
        try:  # here, since numpy takes 20 MB, and a service may have none of it
            from app.projections.comparison.document import Compared
        except ImportError:
            raise ValueError("comparing plans needs what requirements-loader.txt lists") from None
        _delete(session, pair)  # one that someone asked for
        comparison = Compared(here, there)
        store_comparison(session, pair, as_json(comparison.document()), comparison.links())
        is_changed = True
    return is_changed


def _forget(session: Session, plan_ids: Collection[str]) -> None:
    """Delete every comparison with one of these plans."""
    for plan_id in plan_ids:
        for table, names in (
            (LineageLink, ("later_plan_id", "earlier_plan_id")),
            (Comparison, ("later_id", "earlier_id")),
        ):
            columns = (table.__table__.c[name] for name in names)
            session.execute(delete(table).where(or_(*(column == plan_id for column in columns))))


def _delete(session: Session, pair: Pair) -> None:
    later, earlier = pair
    session.execute(delete(LineageLink).filter_by(later_plan_id=later, earlier_plan_id=earlier))
    session.execute(delete(Comparison).filter_by(later_id=later, earlier_id=earlier))


PLACED = select(*ORDER, Plan.series).where(Plan.withdrawn_at.is_(None))


def _series_of(session: Session, plan_ids: Collection[str]) -> set[str]:
    """The series of plans, and those of plans that they were compared with."""
    beside = select(Comparison.later_id, Comparison.earlier_id).where(
        Comparison.is_lineage,
        or_(Comparison.later_id.in_(plan_ids), Comparison.earlier_id.in_(plan_ids)),
    )
    ids = {*plan_ids, *(id_ for pair in session.execute(beside) for id_ in pair)}
    found = select(Plan.series).where(Plan.id.in_(ids), Plan.series.is_not(None))
    return set(session.scalars(found.distinct()))


def _neighbours(session: Session, series: Collection[str]) -> set[Pair]:
    """Each plan of these series with the one before it."""
    plans = defaultdict(list)
    for row in session.execute(PLACED.where(Plan.series.in_(series))).mappings():
        plans[row["series"]].append(row)
    return {
        (later["id"], earlier["id"])
        for found in plans.values()
        for earlier, later in pairwise(sorted(found, key=order_of))
    }


def _named(session: Session, plan_ids: Collection[str], left_out: list[str]) -> set[Pair]:
    """Each of these plans with those that it continues or supersedes, and the other way round."""
    decided = select(LineageDecision.plan_id, LineageDecision.earlier_plan_id).where(
        or_(LineageDecision.plan_id.in_(plan_ids), LineageDecision.earlier_plan_id.in_(plan_ids))
    )
    superseding = select(Plan.id, Plan.supersedes_id).where(
        Plan.supersedes_id.is_not(None),
        or_(Plan.id.in_(plan_ids), Plan.supersedes_id.in_(plan_ids)),
    )
    continued = {(later, earlier) for later, earlier in session.execute(decided.distinct())}
    superseded = {(later, earlier) for later, earlier in session.execute(superseding) if earlier}
    ids = {id_ for pair in continued | superseded for id_ in pair}
    live: dict[str, Any] = {
        row["id"]: row for row in session.execute(PLACED.where(Plan.id.in_(ids))).mappings()
    }
    found = set()
    for first, second in sorted(continued | superseded):
        if not live.keys() >= {first, second}:
            continue
        earlier, later = sorted((first, second), key=lambda id_: order_of(live[id_]))
        if later != first and (first, second) in continued:
            left_out.append(f"{first}: continues: {second} is the later plan of the two")
            continue
        found.add((later, earlier))
    return found


def _stored(session: Session, plan_ids: Collection[str]) -> set[Pair]:
    """The comparisons of these plans that are part of lineages."""
    found = select(Comparison.later_id, Comparison.earlier_id).where(
        Comparison.is_lineage,
        or_(Comparison.later_id.in_(plan_ids), Comparison.earlier_id.in_(plan_ids)),
    )
    return {(later, earlier) for later, earlier in session.execute(found)}
