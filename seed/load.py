"""Notices → database, by natural keys, in one transaction, under a lock.

Loading twice changes nothing; a corrected notice changes exactly what differs; what is no longer
in a notice is withdrawn, never deleted.

A load reads and writes what its plans refer to and what has changed in the registry since the last one:
it costs the same however many plans are stored.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, inspect, or_, select
from sqlalchemy.orm import Session, aliased

from app.db import models as tables
from app.db.engine import lock_writers
from app.db.statistics import keep_statistics
from app.enums import VersionCause
from app.projections import documents
from app.projections.change_feed import moment_of_writing, raise_revision
from app.projections.comparison.storing import refresh_comparisons, store_decisions
from app.projections.known_names import store_known_names
from app.projections.plan_contents import contents_of, record_contents
from app.projections.search_index import ENTRIES
from app.projections.tallies import store_tallies
from seed import rows
from seed.notice_files import ReadNotice
from seed.plan_ids import SYNTHETIC
from seed.refusals import NoticeRefusedError
from seed.registry import Registry
from seed.registry_rows import Touched, store_jurisdictions, store_registry
from seed.rows import Row
from seed.storing import store_links, store_published
from seed.superseding import without_circles

MADE_UP = (  # not by `startswith`, which SQLite has no index for
    select(tables.Plan.id)
    .where(tables.Plan.id >= SYNTHETIC, tables.Plan.id < f"{SYNTHETIC}:")
    .limit(1)
)


def load(
    engine: Engine,
    registry: Registry,
    notices: Sequence[ReadNotice],
    at: datetime | None = None,
    left_out: list[str] | None = None,
) -> documents.Outcomes:
    """Store registries and notices; gives how many rows of each resource were added or changed.

    Plans that supersede themselves, decisions about lineage that are wrong, and comparisons that are too
    large, are added to `left_out`.

    `at` stands for the clock, which is read when the lock is held: waiting for it may take long.
    Leaves statistics behind where much has changed, after the transaction.

    Raises NoticeRefusedError, with nothing stored, where the database has no tables yet.
    """
    with Session(engine) as session, session.begin():
        if not inspect(session.connection()).has_table(tables.Plan.__tablename__):
            raise NoticeRefusedError(
                None, "a database without tables", "`alembic upgrade head` first"
            )
        lock_writers(session.connection())
        now = moment_of_writing(session, lambda: at or datetime.now(UTC))
        are_synthetic = bool(notices) and all(n.plan.id.startswith(SYNTHETIC) for n in notices)
        if not are_synthetic and session.execute(MADE_UP).first():
            raise NoticeRefusedError(
                None, "a database of synthetic plans", "one of its own for real notices"
            )
        left_out = [] if left_out is None else left_out
        notices = without_circles(session, notices, left_out)
        before = {n.plan.id: contents_of(session, n.plan.id) for n in notices}
        beside = _superseded(session, [*before])
        touched = Touched()
        touched.by_plans(session, [*before])
        renamed = store_registry(session, registry, notices, now, touched)
        moved = [_store_notice(session, notice, now) for notice in notices]
        touched.by_plans(session, [*before])
        store_jurisdictions(session, now, touched)
        store_known_names(session, touched.ids)
        total: documents.Outcomes = {}
        changed = {
            notice.plan.id
            for notice in notices
            if store_decisions(
                session, notice.plan.id, rows.continuation_rows(notice.plan), left_out
            )
        }
        beside |= _superseded(session, [*before])
        plan_ids = [*before, *sorted(beside - before.keys())]
        if renamed:
            plan_ids = list(session.scalars(select(tables.Plan.id)))
        for plan_id in plan_ids:
            outcomes = documents.refresh_reading(session, plan_id, now)
            store_tallies(session, plan_id)
            if any(outcome.total() > outcome["unchanged"] for outcome in outcomes.values()):
                changed.add(plan_id)
            for resource, outcome in outcomes.items():
                total.setdefault(resource, Counter()).update(outcome)
        only = None if renamed else touched.ids
        total |= documents.refresh_registry(session, now, VersionCause.READING, only)
        for plan_id, contents in before.items():
            record_contents(session, plan_id, contents, now)
        if renamed and total["platform"]["changed"]:
            changed.update(plan_ids)  # their names are in comparisons, too
        compared = _compare(session, [*before], changed, left_out)
        if (
            compared
            or any(moved)
            or any(outcome.total() > outcome["unchanged"] for outcome in total.values())
        ):
            raise_revision(session, now)
    keep_statistics(engine, ENTRIES)
    return total


def _superseded(session: Session, plan_ids: Sequence[str]) -> set[str]:
    """The loaded plans that these supersede, and those that supersede these: they name each other."""
    plan, other = aliased(tables.Plan), aliased(tables.Plan)
    pairs = select(plan.id, other.id).join(other, plan.supersedes_id == other.id)
    found = session.execute(pairs.where(or_(plan.id.in_(plan_ids), other.id.in_(plan_ids))))
    return {id_ for pair in found for id_ in pair}


def _compare(
    session: Session, plan_ids: Sequence[str], changed: set[str], left_out: list[str]
) -> bool:
    try:
        return refresh_comparisons(session, plan_ids, changed, left_out)
    except ValueError as error:
        raise NoticeRefusedError(None, str(error), "these packages") from None


def _store_notice(session: Session, notice: ReadNotice, now: datetime) -> bool:
    """Rows that others refer to come first; gives whether other words stand on the pages of its PDF."""
    plan = notice.plan
    of_source = select(tables.Plan.source_pages, tables.Plan.source_lines)
    before = session.execute(of_source.where(tables.Plan.id == plan.id)).one_or_none()
    has_moved = tuple(rows.source_columns(notice).values()) != (before or (None, None))
    of_plan = select(tables.Task.id).where(tables.Task.plan_id == plan.id)
    published: list[tuple[Any, Iterable[Row], Any]] = [
        (tables.Plan, [rows.plan_row(notice)], tables.Plan.id == plan.id),
        (tables.Section, rows.section_rows(plan), tables.Section.plan_id == plan.id),
        (tables.Task, rows.task_rows(plan), tables.Task.plan_id == plan.id),
        (tables.Target, rows.target_rows(plan), tables.Target.plan_id == plan.id),
    ]
    links: list[tuple[Any, Iterable[Row], Any]] = [
        (tables.PlanYear, rows.year_rows(plan), tables.PlanYear.plan_id == plan.id),
        (tables.Correction, rows.correction_rows(notice), tables.Correction.plan_id == plan.id),
        (tables.Assignment, rows.assignment_rows(plan), tables.Assignment.task_id.in_(of_plan)),
        (tables.Place, rows.place_rows(plan), tables.Place.task_id.in_(of_plan)),
        (tables.Mention, rows.mention_rows(plan), tables.Mention.plan_id == plan.id),
    ]
    for table, read, scope in published:
        store_published(session, table, read, now, [scope], withdraw=True)
    if has_moved:  # pictures are large, and their hashes are in the columns of the plan
        links.append(
            (tables.PageImage, rows.image_rows(notice), tables.PageImage.plan_id == plan.id)
        )
    for table, read, scope in links:
        store_links(session, table, read, [scope])
    return has_moved
