"""`python -m app rebuild`: rebuild stored documents after their shape has changed.

A migration that changes a shape sets `is_due` in the one row of `rebuild`.  Each step is one
transaction under the writers' lock and records its progress: after a kill, the next run continues
from there, and workers read and write between steps.
"""

import logging
import time
from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.db.engine import lock_writers
from app.db.models import Plan, Rebuild
from app.db.revision import Clock
from app.db.statistics import analyze
from app.enums import VersionCause
from app.kinds import BY_NAME, FACT_KINDS
from app.kinds.plan import PLAN
from app.projections.change_feed import moment_of_writing, raise_revision
from app.projections.comparison.storing import refresh_comparisons
from app.projections.documents import Outcomes, refresh_facts, refresh_plan, refresh_registry
from app.projections.known_names import store_known_names
from app.projections.plan_contents import begin_contents

FACTS_A_STEP = 500  # a plan is one step, since its documents contain each other
PLANS_A_STEP = 10  # that are compared with their neighbours
REGISTRY, COMPARISON = "registry", "comparison"
STEPS = [PLAN.name, REGISTRY, *(kind.name for kind in FACT_KINDS), COMPARISON]
DUE = select(Rebuild.is_due)
log = logging.getLogger("app")


def is_due(session: Session) -> bool:
    """Whether stored documents have an older shape than the contract."""
    return bool(session.scalar(DUE))


def rebuild(engine: Engine, clock: Clock) -> int:
    """Rebuild every stored document; returns how many differed.

    These are `updated` in the change feed; webhooks are not notified, since only the shape has
    changed.
    """
    differed, first = 0, True
    while True:
        began = time.monotonic()
        with Session(engine) as session, session.begin():
            lock_writers(session.connection())
            state = session.get_one(Rebuild, 1)
            if state.done is None and not first:
                return differed  # finished, here or by another process
            now = moment_of_writing(session, clock)
            state.done, changed = _step(session, state.done, now)
            if state.done is None:
                state.is_due = False
                analyze(session.connection())
        differed, first = differed + changed, False
        time.sleep(min(1.0, time.monotonic() - began))  # leave half of the time for other writes


def _step(session: Session, done: str | None, now: datetime) -> tuple[str | None, int]:
    """Do the step after `done`; returns it, or None at the end, and how many documents differed."""
    last_kind, _, last_id = (done or f"{STEPS[0]} ").partition(" ")
    for kind in STEPS[STEPS.index(last_kind) :]:
        id_, outcomes = _rebuild_next(session, kind, last_id if kind == last_kind else "", now)
        if id_:
            raise_revision(session, now)  # search results may have changed, too
            differed = sum(one["changed"] + one["added"] for one in outcomes.values())
            return f"{kind} {id_}", differed
    return None, 0


def _rebuild_next(
    session: Session, kind: str, after: str, now: datetime
) -> tuple[str | None, Outcomes]:
    """Rebuild the next documents of a kind; returns the last id, or None if none are left."""
    if kind == REGISTRY:
        if after:
            return None, {}
        store_known_names(session)
        return "all", refresh_registry(session, now, VersionCause.SHAPE)
    if kind == COMPARISON:  # those that a migration has deleted
        found = select(Plan.id).where(Plan.id > after).order_by(Plan.id).limit(PLANS_A_STEP)
        plan_ids = list(session.scalars(found))
        left_out: list[str] = []
        refresh_comparisons(session, plan_ids, (), left_out)
        for line in left_out:
            log.warning("left out, %s", line)
        return max(plan_ids, default=None), {}
    table = BY_NAME[kind].model
    most = 1 if kind == PLAN.name else FACTS_A_STEP
    found = select(table.id).where(table.id > after).order_by(table.id).limit(most)
    ids = list(session.scalars(found))
    if not ids:
        return None, {}
    if kind == PLAN.name:
        begin_contents(session, ids[0], now)
        return ids[0], refresh_plan(session, ids[0], now, VersionCause.SHAPE)
    scope = table.id.in_(ids)
    return ids[-1], {kind: refresh_facts(session, table, scope, now, cause=VersionCause.SHAPE)}
