"""Notices → database, by natural keys, in one transaction, under a lock.

Loading twice changes nothing; a corrected notice changes exactly what differs; what is no longer
in a notice is withdrawn, never deleted.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, and_, delete, insert, inspect, select, text, update
from sqlalchemy.orm import Session

from app import documents, tables
from app.database import LOAD_LOCK
from app.scripts import search_key
from seed.notice_files import ReadNotice
from seed.plan import Plan, Section, Span, Target, Task
from seed.refusals import NoticeRefusedError
from seed.registry import Registry

Row = dict[str, Any]
NOT_FROM_THE_NOTICE = {"document", "version", "changed_at", "withdrawn_at"}


def load(
    engine: Engine, registry: Registry, notices: Sequence[ReadNotice], now: datetime
) -> documents.Outcomes:
    """Store registries and notices; gives how many rows of each resource were added or changed.

    Raises NoticeRefusedError, with nothing stored, where the database has no tables yet.
    """
    with Session(engine) as session, session.begin():
        if not inspect(session.connection()).has_table(tables.Plan.__tablename__):
            raise NoticeRefusedError(
                None, "a database without tables", "`alembic upgrade head` first"
            )
        if engine.dialect.name == "postgresql":
            session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOAD_LOCK})
        _store_registry(session, registry, now)
        for notice in notices:
            _store_notice(session, notice, now)
        total: documents.Outcomes = {}
        for notice in notices:
            for resource, outcome in documents.refresh(session, notice.plan.id, now).items():
                shared = resource in ("agency", "platform") and resource in total
                if not shared:
                    total.setdefault(resource, Counter()).update(outcome)
                else:
                    total[resource] = _later(total[resource], outcome)
        if any(outcome.total() > outcome["unchanged"] for outcome in total.values()):
            _raise_revision(session, now)
        return total


def _raise_revision(session: Session, now: datetime) -> None:
    revision = session.get(tables.Revision, 1)
    if revision:
        revision.number, revision.changed_at = revision.number + 1, now
    else:
        session.add(tables.Revision(id=1, number=1, changed_at=now))


def _later(first: Counter[str], second: Counter[str]) -> Counter[str]:
    """The outcome for rows that every notice touches, such as agencies: changed once is changed."""
    merged = Counter({key: max(first[key], second[key]) for key in ("added", "changed")})
    merged["unchanged"] = max(first.total(), second.total()) - merged.total()
    return +merged


def _store_registry(session: Session, registry: Registry, now: datetime) -> None:
    _store_links(
        session,
        tables.Region,
        [{"code": r.code, "name": r.name, "aliases": list(r.aliases)} for r in registry.regions],
        keep_missing=True,
    )
    _store_links(
        session,
        tables.KnownName,
        [
            {"resource": resource, "key": key, "id": id_}
            for resource, id_, names in (
                *(("agency", a.id, a.names) for a in registry.agencies),
                *(("region", r.code, (r.name, *r.aliases)) for r in registry.regions),
                *(("platform", p.id, (p.name, *p.aliases)) for p in registry.platforms),
            )
            for key in sorted({search_key(name) for name in names})
        ],
    )
    _store_published(
        session,
        tables.Agency,
        (
            {
                "id": a.id,
                "position": position,
                "name": a.name,
                "official_name": a.official_name,
                "english_name": a.english_name,
                "kind": a.kind,
                "region_code": a.region,
                "aliases": list(a.aliases),
            }
            for position, a in enumerate(registry.agencies)
        ),
        now,
    )
    _store_published(
        session,
        tables.Platform,
        (
            {
                "id": p.id,
                "position": position,
                "name": p.name,
                "kind": p.kind,
                "aliases": list(p.aliases),
            }
            for position, p in enumerate(registry.platforms)
        ),
        now,
    )


def _store_notice(session: Session, notice: ReadNotice, now: datetime) -> None:
    plan = notice.plan
    tasks = plan.tasks()
    _store_published(session, tables.Plan, [_plan_row(notice)], now, tables.Plan.id == plan.id)
    _store_links(
        session, tables.Correction, _correction_rows(notice), tables.Correction.plan_id == plan.id
    )
    _store_published(
        session,
        tables.Section,
        (_section_row(plan, section) for section in plan.sections),
        now,
        tables.Section.plan_id == plan.id,
    )
    _store_published(session, tables.Task, _task_rows(plan), now, tables.Task.plan_id == plan.id)
    of_plan = select(tables.Task.id).where(tables.Task.plan_id == plan.id)
    _store_links(
        session,
        tables.Assignment,
        (
            {
                "task_id": task.id,
                "agency_id": assignment.agency,
                "role": assignment.role,
                "position": position,
                "as_written": assignment.as_written,
            }
            for task in tasks
            for position, assignment in enumerate(task.assignments, 1)
        ),
        tables.Assignment.task_id.in_(of_plan),
    )
    _store_links(
        session,
        tables.Place,
        (
            {"task_id": task.id, "region_code": code, "position": position}
            for task in tasks
            for position, code in enumerate(task.places, 1)
        ),
        tables.Place.task_id.in_(of_plan),
    )
    _store_links(session, tables.Mention, _mention_rows(plan), tables.Mention.plan_id == plan.id)
    _store_published(
        session,
        tables.Target,
        _target_rows(plan),
        now,
        tables.Target.plan_id == plan.id,
    )


def _plan_row(notice: ReadNotice) -> Row:
    plan = notice.plan
    return {
        "id": plan.id,
        "title": plan.title,
        "document_number": plan.document_number,
        "issuer": plan.issuer,
        "issued_on": plan.issued_on,
        "year": plan.year,
        "addressees": plan.addressees,
        "preamble": plan.preamble,
        "closing": plan.closing,
        "status": plan.status,
        "received_script": notice.restored.received_script,
        "raw_sha256": notice.raw_sha256,
        "text": notice.restored.text,
        "text_sha256": notice.text_sha256,
    }


def _correction_rows(notice: ReadNotice) -> Iterator[Row]:
    for position, correction in enumerate(notice.restored.corrections, 1):
        yield {
            "plan_id": notice.plan.id,
            "position": position,
            "kind": correction.kind,
            "raw": correction.raw,
            "text": correction.text,
            "certainty": correction.certainty,
            "reason": correction.reason,
            "span_start": correction.start,
            "span_end": correction.end,
        }


def _span(span: Span) -> Row:
    return {"span_start": span.start, "span_end": span.end}


def _section_row(plan: Plan, section: Section) -> Row:
    return {
        "id": section.id,
        "plan_id": plan.id,
        "ordinal": section.ordinal,
        "label": section.label,
        "heading": section.heading,
        "intro": section.intro,
        **_span(section.span),
    }


def _task_rows(plan: Plan) -> Iterator[Row]:
    for section in plan.sections:
        for item in section.items:
            yield _task_row(plan, section, item, None)
            for sub_item in item.sub_items:
                yield _task_row(plan, section, sub_item, item)


def _task_row(plan: Plan, section: Section, task: Task, parent: Task | None) -> Row:
    return {
        "id": task.id,
        "plan_id": plan.id,
        "section_id": section.id,
        "parent_id": parent.id if parent else None,
        "code": task.code,
        "item_number": (parent or task).ordinal,
        "sub_number": task.ordinal if parent else 0,
        "label": task.label,
        "level": task.level,
        "is_leaf": task.is_leaf,
        "title": task.title,
        "body": task.body,
        "assignment_clause": task.assignment_clause,
        "due_on": min((target.due_on for target in task.targets), default=None),
        **_span(task.span),
    }


def _mention_rows(plan: Plan) -> Iterator[Row]:
    owners: list[Plan | Section | Task] = [plan, *plan.sections, *plan.tasks()]
    for owner in owners:
        for mention in owner.mentions:
            yield {
                "plan_id": plan.id,
                "platform_id": mention.platform,
                "task_id": owner.id if isinstance(owner, Task) else None,
                "as_written": mention.as_written,
                "span_start": mention.start,
                "span_end": mention.end,
            }


def _target_rows(plan: Plan) -> Iterator[Row]:
    for section in plan.sections:
        owners: list[Section | Task] = [section, *section.tasks()]
        for owner in owners:
            for ordinal, target in enumerate(owner.targets, 1):
                task = owner if isinstance(owner, Task) else None
                yield _target_row(plan, section, task, target, ordinal)


def _target_row(
    plan: Plan, section: Section, task: Task | None, target: Target, ordinal: int
) -> Row:
    return {
        "id": target.id,
        "plan_id": plan.id,
        "section_id": section.id,
        "task_id": task.id if task else None,
        "ordinal": ordinal,
        "metric": target.metric,
        "statement": target.statement,
        "kind": target.kind,
        "comparator": target.comparator,
        "value": target.value,
        "value_upper": target.value_upper,
        "unit": target.unit,
        "as_written": target.as_written,
        "is_cumulative": target.is_cumulative,
        "is_average": target.is_average,
        "direction": target.direction,
        "scope": target.scope,
        "due_on": target.due_on,
        "due_basis": target.due_basis,
        **_span(target.span),
    }


def _store_published(
    session: Session, table: Any, rows: Iterable[Row], now: datetime, scope: Any = None
) -> None:
    """Add new rows, change differing ones, withdraw those of the scope that are not given."""
    given = {row["id"]: row for row in rows}
    columns = [c for c in table.__table__.columns if c.name not in NOT_FROM_THE_NOTICE]
    statement = select(*columns, table.withdrawn_at)
    if scope is not None:
        statement = statement.where(scope)
    stored = {row["id"]: dict(row) for row in session.execute(statement).mappings()}
    added = [
        {**row, "document": "", "version": 0, "changed_at": now, "withdrawn_at": None}
        for key, row in given.items()
        if key not in stored
    ]
    if added:
        session.execute(insert(table), added)
    for key, row in given.items():
        if key in stored and {**row, "withdrawn_at": None} != stored[key]:
            session.execute(update(table).where(table.id == key).values(**row, withdrawn_at=None))
    if scope is not None:
        gone = [key for key, row in stored.items() if key not in given and not row["withdrawn_at"]]
        for key in gone:
            session.execute(update(table).where(table.id == key).values(withdrawn_at=now))


def _store_links(
    session: Session,
    table: Any,
    rows: Iterable[Row],
    scope: Any = None,
    *,
    keep_missing: bool = False,
) -> None:
    """Make the rows of the scope those that are given; rows that nobody cites by an id."""
    keys = [column.name for column in table.__table__.primary_key]
    given = {tuple(row[key] for key in keys): row for row in rows}
    statement = select(*table.__table__.columns)
    if scope is not None:
        statement = statement.where(scope)
    stored = {
        tuple(row[key] for key in keys): dict(row) for row in session.execute(statement).mappings()
    }
    for key, row in stored.items():
        changed = key in given and given[key] != row
        if changed or (key not in given and not keep_missing):
            same = and_(
                *(table.__table__.c[name] == value for name, value in zip(keys, key, strict=True))
            )
            if changed and keep_missing:
                session.execute(update(table).where(same).values(**given[key]))
            else:
                session.execute(delete(table).where(same))
    added = [
        row
        for key, row in given.items()
        if key not in stored or (stored[key] != row and not keep_missing)
    ]
    if added:
        session.execute(insert(table), added)
