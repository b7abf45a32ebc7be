"""Notices → database, by natural keys, in one transaction, under a lock.

Loading twice changes nothing; a corrected notice changes exactly what differs; what is no longer
in a notice is withdrawn, never deleted.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, and_, delete, insert, inspect, select, true, union, update
from sqlalchemy.orm import Session

from app.db import models as tables
from app.db.engine import lock_writers
from app.db.statistics import keep_statistics
from app.projections import documents
from app.projections.change_feed import moment_of_writing, raise_revision
from app.projections.comparison.storing import refresh_comparisons, store_decisions
from app.projections.known_names import store_known_names
from app.projections.plan_contents import contents_of, record_contents
from seed import rows
from seed.notice_files import ReadNotice
from seed.refusals import NoticeRefusedError
from seed.registry import Registry
from seed.rows import Row

PARTS_OF_PLAN = ("plan", "section", "task", "target")
NOT_FROM_THE_NOTICE = {"document", "version", "changed_at", "withdrawn_at"}
SYNTHETIC = "synthetic-"  # what ids of plans that no government wrote begin with
REPORTED = {
    "task.status",
    "task.reported_on",
    "target.attainment",
    "target.latest_value",
    "target.measured_on",
}  # by agencies; a notice knows nothing of it


def load(
    engine: Engine,
    registry: Registry,
    notices: Sequence[ReadNotice],
    at: datetime | None = None,
    left_out: list[str] | None = None,
) -> documents.Outcomes:
    """Store registries and notices; gives how many rows of each resource were added or changed.

    Decisions about lineage that are wrong, and comparisons that are too large, are added to `left_out`.

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
        made_up = select(tables.Plan.id).where(tables.Plan.id.startswith(SYNTHETIC)).limit(1)
        if session.execute(made_up).first():
            raise NoticeRefusedError(
                None, "a database of synthetic plans", "one of its own for real notices"
            )
        before = {n.plan.id: contents_of(session, n.plan.id) for n in notices}
        renamed = _store_registry(session, registry, notices, now)
        for notice in notices:
            _store_notice(session, notice, now)
        _store_jurisdictions(session, now)
        store_known_names(session)
        total: documents.Outcomes = {}
        left_out = [] if left_out is None else left_out
        changed = {
            notice.plan.id
            for notice in notices
            if store_decisions(
                session, notice.plan.id, rows.continuation_rows(notice.plan), left_out
            )
        }
        plan_ids = [notice.plan.id for notice in notices]
        superseded = tables.Plan.id.in_([n.plan.supersedes for n in notices if n.plan.supersedes])
        others = session.scalars(select(tables.Plan.id).where(superseded))
        plan_ids = list(dict.fromkeys([*plan_ids, *others]))
        if renamed:
            plan_ids = list(session.scalars(select(tables.Plan.id)))
        for plan_id in plan_ids:
            outcomes = documents.refresh(session, plan_id, now)
            if any(outcomes[part].total() > outcomes[part]["unchanged"] for part in PARTS_OF_PLAN):
                changed.add(plan_id)
            for resource, outcome in outcomes.items():
                shared = resource in ("jurisdiction", "agency", "platform") and resource in total
                if not shared:
                    total.setdefault(resource, Counter()).update(outcome)
                else:
                    total[resource] = _later(total[resource], outcome)
        for plan_id, contents in before.items():
            record_contents(session, plan_id, contents, now)
        if renamed and total["platform"]["changed"]:
            changed.update(plan_ids)  # their names are in comparisons, too
        compared = _compare(session, [notice.plan.id for notice in notices], changed, left_out)
        if compared or any(outcome.total() > outcome["unchanged"] for outcome in total.values()):
            raise_revision(session, now)
    keep_statistics(engine)
    return total


def _compare(
    session: Session, plan_ids: Sequence[str], changed: set[str], left_out: list[str]
) -> bool:
    try:
        return refresh_comparisons(session, plan_ids, changed, left_out)
    except ValueError as error:
        raise NoticeRefusedError(None, str(error), "these packages") from None


def _later(first: Counter[str], second: Counter[str]) -> Counter[str]:
    """The outcome for rows that every notice touches, such as agencies: changed once is changed."""
    merged = Counter({key: max(first[key], second[key]) for key in ("added", "changed")})
    merged["unchanged"] = max(first.total(), second.total()) - merged.total()
    return +merged


def _store_registry(
    session: Session, registry: Registry, notices: Sequence[ReadNotice], now: datetime
) -> bool:
    """Store the agencies that plans or facts refer to, and the governments of these and of the plans.

    Gives whether a name may have changed that documents of any plan show.
    """
    ids = _referred(session, registry, notices)
    codes = _jurisdictions(session, registry, ids, notices)
    regions = _store_links(
        session,
        tables.Region,
        rows.region_rows(registry, _around(registry, codes)),
        keep_missing=True,
    )
    agencies = _store_published(session, tables.Agency, rows.agency_rows(registry, ids), now)
    links: list[tuple[Any, Iterable[Row], Any]] = [
        (
            tables.CollectiveMember,
            rows.member_rows(registry, ids),
            tables.CollectiveMember.collective_id,
        ),
        (tables.Succession, rows.succession_rows(registry, ids), tables.Succession.successor_id),
    ]
    for table, read, owner in links:
        _store_links(session, table, read, owner.in_(ids))
    platforms = _store_published(session, tables.Platform, rows.platform_rows(registry), now)
    return regions or agencies or platforms


def _referred(session: Session, registry: Registry, notices: Sequence[ReadNotice]) -> set[str]:
    """The agencies of the registry that notices refer to, or that are there, and their collectives."""
    there = set(session.scalars(select(tables.Agency.id)))
    ids = {
        one.agency for notice in notices for task in notice.plan.tasks() for one in task.assignments
    }
    found = [agency for agency in registry.everyone if agency.id in ids | there]
    of_rules = {one.id for agency in found for one in rows.collectives_of(registry, agency)}
    return {agency.id for agency in found} | of_rules


def _jurisdictions(
    session: Session, registry: Registry, ids: set[str], notices: Sequence[ReadNotice]
) -> set[str]:
    """The governments of the agencies and of all plans, and the places that the given plans name."""
    given = {notice.plan.id: notice.plan.jurisdiction for notice in notices}
    stored = select(tables.Plan.id, tables.Plan.jurisdiction_code)
    there = {id_: code for id_, code in session.execute(stored) if code in registry.by_code}
    agencies = {agency.region for agency in registry.everyone if agency.id in ids}
    places = {code for notice in notices for task in notice.plan.tasks() for code in task.places}
    return {*(there | given).values(), *agencies, *places}


def _around(registry: Registry, codes: set[str]) -> set[str]:
    """Governments with those above them, and those below them, which tasks and assessments may name."""
    above = {one.code for code in codes for one in registry.chain(code)}
    return above | {one.code for code in codes for one in registry.within(code)}


def _store_jurisdictions(session: Session, now: datetime) -> None:
    """The governments that have plans or agencies."""
    codes = union(
        *(
            select(table.jurisdiction_code).where(table.withdrawn_at.is_(None))
            for table in (tables.Plan, tables.Agency)
        )
    )
    regions = select(tables.Region.code, tables.Region.name).where(tables.Region.code.in_(codes))
    read = [{"id": code, "name": name} for code, name in session.execute(regions)]
    _store_published(session, tables.Jurisdiction, read, now, true())


def _store_notice(session: Session, notice: ReadNotice, now: datetime) -> None:
    """Rows that others refer to come first."""
    plan = notice.plan
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
        _store_published(session, table, read, now, scope)
    for table, read, scope in links:
        _store_links(session, table, read, scope)


def _store_published(
    session: Session, table: Any, read: Iterable[Row], now: datetime, scope: Any = None
) -> bool:
    """Add new rows, change differing ones, withdraw those of the scope that are not given.

    Gives whether a row that was there has changed.
    """
    new = {row["id"]: row for row in read}
    columns = [
        column
        for column in table.__table__.columns
        if column.name not in NOT_FROM_THE_NOTICE and str(column) not in REPORTED
    ]
    statement = select(*columns, table.withdrawn_at)
    if scope is not None:
        statement = statement.where(scope)
    stored = {row["id"]: dict(row) for row in session.execute(statement).mappings()}
    differs = False
    added = [
        {**row, "document": "", "version": 0, "changed_at": now, "withdrawn_at": None}
        for key, row in new.items()
        if key not in stored
    ]
    if added:
        session.execute(insert(table), added)
    for key, row in new.items():
        if key in stored and {**row, "withdrawn_at": None} != stored[key]:
            # Back again is a change that readers see, whatever its document says.
            again = {"document": ""} if stored[key]["withdrawn_at"] else {}
            changed = {**row, **again, "withdrawn_at": None}
            session.execute(update(table).where(table.id == key).values(**changed))
            differs = True
    if scope is not None:
        gone = [key for key, row in stored.items() if key not in new and not row["withdrawn_at"]]
        for key in gone:
            session.execute(update(table).where(table.id == key).values(withdrawn_at=now))
    return differs


def _store_links(
    session: Session,
    table: Any,
    read: Iterable[Row],
    scope: Any = None,
    *,
    keep_missing: bool = False,
) -> bool:
    """Make the rows of the scope those that are given; rows that nobody cites by an id.

    Gives whether a row that was there has changed.
    """
    keys = [column.name for column in table.__table__.primary_key]
    new = {tuple(row[key] for key in keys): row for row in read}
    statement = select(*table.__table__.columns)
    if scope is not None:
        statement = statement.where(scope)
    stored = {
        tuple(row[key] for key in keys): dict(row) for row in session.execute(statement).mappings()
    }
    for key, row in stored.items():
        changed = key in new and new[key] != row
        if changed or (key not in new and not keep_missing):
            same = and_(
                *(table.__table__.c[name] == value for name, value in zip(keys, key, strict=True))
            )
            if changed and keep_missing:
                session.execute(update(table).where(same).values(**new[key]))
            else:
                session.execute(delete(table).where(same))
    added = [
        row
        for key, row in new.items()
        if key not in stored or (stored[key] != row and not keep_missing)
    ]
    if added:
        session.execute(insert(table), added)
    return any(key in new and new[key] != row for key, row in stored.items())
