"""The public document of every resource, built from the tables and stored beside its row.

Each resource has one shape, the same in a list and alone; a read sends the stored document.
A document is a projection: `refresh` rebuilds it from the tables in the transaction that changes
them, and a row's version rises exactly when its document changes.
Documents of facts are declared by their kinds (`app/kinds/`), those of a plan are built together
(`notice_documents.py`); tests compare documents with the schemas of the contract.
"""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Insert, Select, Update, bindparam, insert, select, update
from sqlalchemy.orm import Session

from app.db.compiled import AtOnce, Storing, Transaction
from app.db.models import (
    Agency,
    AppendOnly,
    Fact,
    Jurisdiction,
    Plan,
    Platform,
    Section,
    Target,
    Task,
)
from app.enums import ChangeOperation, VersionCause
from app.http.etags import entity_tag
from app.kinds import BY_NAME, FACT_KINDS, FACTS_BY_MODEL, KINDS
from app.kinds.document import Document, moment
from app.kinds.kind import FactKind, Kind
from app.projections.change_feed import append_changes
from app.projections.feed_entries import Assigned, Stored, assigned_in, described
from app.projections.held import store_held
from app.projections.json_text import as_json
from app.projections.ngrams import SEARCHED
from app.projections.notice_documents import PlanReader
from app.projections.parts import parts
from app.projections.registry_documents import (
    agency_documents,
    jurisdiction_documents,
    platform_documents,
)
from app.projections.search_index import store_entries
from app.projections.versions import begin_versions, record_versions

Outcomes = dict[str, Counter[str]]  # resource → added, changed, withdrawn, unchanged → rows
Ids = Mapping[Any, Collection[str]]  # table → ids
AS_STORED = {"populate_existing": True}  # including writes of this session
REGISTRY: Mapping[Any, Callable[[Session, Any], Iterator[tuple[str, Document]]]] = {
    Jurisdiction: jurisdiction_documents,
    Agency: agency_documents,
    Platform: platform_documents,
}


def refresh(session: Session, plan_id: str, now: datetime) -> Outcomes:
    """Rebuild the documents of a plan, its facts and the whole registry, as after a reading."""
    cause = VersionCause.READING
    return refresh_reading(session, plan_id, now) | refresh_registry(session, now, cause)


def refresh_reading(session: Session, plan_id: str, now: datetime) -> Outcomes:
    """Rebuild the documents of a plan and its facts, after a reading."""
    cause = VersionCause.READING
    reader = PlanReader(session, plan_id)
    assigned = _assigned(session, reader)
    outcomes = _store_plan(session, reader, now, assigned, cause)
    for kind in FACT_KINDS:
        scope = kind.model.plan_id == plan_id
        refresh_facts(session, kind.model, scope, now, assigned, cause=cause)
    return outcomes


def refresh_plan(session: Session, plan_id: str, now: datetime, cause: VersionCause) -> Outcomes:
    """Rebuild the documents of a plan and its parts; store those that differ."""
    reader = PlanReader(session, plan_id)
    return _store_plan(session, reader, now, _assigned(session, reader), cause)


def refresh_registry(
    session: Session, now: datetime, cause: VersionCause, only: Ids | None = None
) -> Outcomes:
    """Rebuild the documents of governments, agencies and platforms; store those that differ.

    `only` has the ids of those that may differ; without it, all may.
    """
    outcomes: Outcomes = {}
    for table, documents in REGISTRY.items():
        outcome = outcomes.setdefault(table.__tablename__, Counter())
        ids = session.scalars(select(table.id)) if only is None else only[table]
        for part in parts(sorted(ids)):
            scope = table.id.in_(part)
            made = dict(documents(session, scope))
            outcome.update(_store(session, table, made, scope, now, cause))
            store_held(session, table, part)
    return outcomes


def refresh_agency(session: Session, agency_id: str, now: datetime) -> None:
    """Rebuild the document of an agency; store it if it differs."""
    scope = Agency.id == agency_id
    made = dict(agency_documents(session, scope))
    _store(session, Agency, made, scope, now, VersionCause.PRACTICE)


def refresh_facts(
    session: Session,
    fact: type[AppendOnly],
    scope: Any,
    now: datetime,
    assigned: Assigned | None = None,
    *,
    cause: VersionCause,
) -> Counter[str]:
    """Rebuild the documents of facts that meet a condition; store those that differ."""
    made = dict(_fact_documents(session, FACTS_BY_MODEL[fact], scope))
    return _store(session, fact, made, scope, now, cause, assigned)


def refresh_fact(
    session: Session, fact: type[AppendOnly], id_: str, now: datetime, *, is_effect: bool = False
) -> tuple[str, Stored]:
    """Rebuild the document of a fact, and store it if it differs.

    Returns the current one, and what is to be published.
    """
    kind = FACTS_BY_MODEL[fact]
    row = session.execute(_of_fact(kind), {"id": id_}, execution_options=AS_STORED).one()
    made = {id_: kind.document(row)}
    _, current, stored = _store_rows(session, fact, made, [row[0]], now, is_effect=is_effect)
    return current[id_], stored


@cache
def _of_fact(kind: FactKind) -> Any:
    return kind.statement.where(kind.model.id == bindparam("id"))


def _fact_documents(session: Session, kind: FactKind, scope: Any) -> Iterator[tuple[str, Document]]:
    """Id and document of the facts of a kind that meet a condition; one statement."""
    for row in session.execute(kind.statement.where(scope), execution_options=AS_STORED):
        yield row[0].id, kind.document(row)


def _assigned(session: Session, reader: PlanReader) -> Assigned:
    """Agencies of a plan's tasks, by their stored documents and by the new ones."""
    stored = select(Task.document).where(Task.plan_id == reader.plan.id, Task.document != "")
    assigned = assigned_in(json.loads(document) for document in session.scalars(stored))
    for task, found in reader.assignments.items():
        assigned[task].update(assignment.agency_id for assignment, _ in found)
    return assigned


def _store_plan(
    session: Session, reader: PlanReader, now: datetime, assigned: Assigned, cause: VersionCause
) -> Outcomes:
    plan_id = reader.plan.id
    outcomes = {}

    def store(table: Any, documents: Mapping[str, Document], scope: Any) -> None:
        outcomes[table.__tablename__] = _store(
            session, table, documents, scope, now, cause, assigned
        )

    store(Plan, {plan_id: reader.plan_document()}, Plan.id == plan_id)
    store(Section, reader.section_documents(), Section.plan_id == plan_id)
    store(Target, reader.target_documents(), Target.plan_id == plan_id)
    stored = select(Target.id, Target.document).where(Target.plan_id == plan_id)
    targets = {row.id: json.loads(row.document) for row in session.execute(stored)}
    store(Task, reader.task_documents(targets), Task.plan_id == plan_id)
    return outcomes


def add_fact(
    to: Storing, row: AppendOnly, shown: Sequence[Any], now: datetime
) -> tuple[str, Stored]:
    """Store a new fact with its document; `shown` has the other rows of its kind's statement.

    Returns the document, and what is to be published.
    """
    kind = FACTS_BY_MODEL[type(row)]
    standing = (None, None) if isinstance(row, Fact) else ()  # neither withdrawn nor replaced
    made = kind.document((row, *standing, *shown))
    document = _text(kind, made, 1, now)
    values = {name: getattr(row, name) for name in kind.model.__table__.columns.keys()}  # noqa: SIM118 - a collection of columns
    values |= {"document": document, "version": 1, "changed_at": now}
    to.execute(_insert_into(kind.model), values)
    change = _change(kind, row.id, ChangeOperation.CREATED, 1, document, now)
    return document, Stored(kind, [change], [({}, made)])


def amend(
    to: Storing,
    table: Any,
    row: Any,
    members: Mapping[str, Any],
    now: datetime,
    **columns: Any,
) -> tuple[Document, Stored]:
    """Set members that depend on a fact, if they differ, to what `refresh` would make.

    The row has the columns of `document_row`; `columns` are set beside them, for queries.
    Returns the current document, and what is to be published.
    """
    kind = BY_NAME[table.__tablename__]
    before = json.loads(row.document)
    after = before | json.loads(as_json(dict(members)))
    changes = []
    if after != before and row.withdrawn_at is None:
        version = row.version + 1
        after |= {"version": version, "changed_at": moment(now)}
        text = as_json(after)
        columns |= {"document": text, "version": version, "changed_at": now}
        changes.append(_change(kind, row.id, ChangeOperation.UPDATED, version, text, now))
    else:
        after = before
    if columns:
        to.execute(_update_of(table), {"row_id": row.id, **columns})
    pairs = [(before, after)] if changes else []
    return after, Stored(kind, changes, pairs, is_effect=True)


def document_row(session: Session, table: Any, id_: str) -> Any:
    """A row as `amend` takes it."""
    return session.connection().execute(_one_stored(table), {"row_id": id_}).one()


def _change(
    kind: Kind, id_: str, operation: ChangeOperation, version: int, text: str, now: datetime
) -> dict[str, Any]:
    """A change for the feed, without what `described` adds."""
    return {
        "at": now,
        "op": operation,
        "resource": kind.name,
        "id": id_,
        "version": version,
        "etag": None if operation is ChangeOperation.WITHDRAWN else entity_tag(text.encode()),
    }


@cache
def _insert_into(table: Any) -> Insert:
    return insert(table)


@cache
def _stored(table: Any) -> Select[Any]:
    columns = (table.id, table.document, table.version, table.changed_at, table.withdrawn_at)
    return select(*columns)


@cache
def _one_stored(table: Any) -> Select[Any]:
    return _stored(table).where(table.id == bindparam("row_id"))


@cache
def _update_of(table: Any) -> Update:
    """Sets the columns that are passed."""
    return update(table).where(table.id == bindparam("row_id"))


def _store(
    session: Session,
    table: Any,
    documents: Mapping[str, Document],
    scope: Any,
    now: datetime,
    cause: VersionCause,
    assigned: Assigned | None = None,
) -> Counter[str]:
    """Store the documents that differ from the stored ones, publish them, and index all for search."""
    kind = BY_NAME[table.__tablename__]
    rows = session.execute(_stored(table).where(scope).order_by(table.id)).all()
    outcome, current, stored = _store_rows(session, table, documents, rows, now, assigned)
    publish(session, [stored], cause)
    if cause is VersionCause.SHAPE:
        begin_versions(session, kind, scope)
    if kind.name in SEARCHED:
        texts = {row.id: None if row.withdrawn_at else current[row.id] for row in rows}
        store_entries(session, kind.name, texts)
    return outcome


def publish(
    session: Session, stored: Sequence[Stored], cause: VersionCause, to: Transaction | None = None
) -> None:
    """Number what was stored in the change feed, and record its versions.

    Webhooks are not notified if only the shape has changed.  `to` may execute later what stores rows.
    """
    stored = [one for one in stored if one.changes]
    if not stored:
        return
    to = to or AtOnce(session.connection())
    entries = described(session, stored, to)
    numbered = append_changes(session, entries, notify=cause is not VersionCause.SHAPE, to=to)
    documents = [(one.kind, *pair) for one in stored for pair in one.pairs]
    record_versions(to, cause, numbered, documents)


def _store_rows(
    session: Session,
    table: Any,
    documents: Mapping[str, Document],
    rows: Sequence[Any],
    now: datetime,
    assigned: Assigned | None = None,
    *,
    is_effect: bool = False,
) -> tuple[Counter[str], Mapping[str, str], Stored]:
    """Store the documents that differ from those of the rows.

    Returns what became of them, the current documents, and what is to be published.
    A document contains its own version; a new document is compared under the stored version.
    """
    kind = BY_NAME[table.__tablename__]
    outcome: Counter[str] = Counter()
    current: dict[str, str] = {}
    updates: list[dict[str, Any]] = []
    changes: list[dict[str, Any]] = []
    before_and_after: list[tuple[Document, Document]] = []
    for row in rows:
        made = None if row.withdrawn_at else documents.get(row.id)
        text = row.document if made is None else _text(kind, made, row.version, row.changed_at)
        current[row.id] = text
        if row.withdrawn_at == now:
            outcome["withdrawn"] += 1
        elif text == row.document:
            outcome["unchanged"] += row.withdrawn_at is None
            continue
        else:
            outcome["changed" if row.document else "added"] += 1
        version = row.version + 1
        if made is not None:
            current[row.id] = text = _text(kind, made, version, now)
        changed = {"document": text, "version": version, "changed_at": now}
        updates.append({"row_id": row.id, **changed})
        if row.withdrawn_at:
            operation = ChangeOperation.WITHDRAWN
        else:
            operation = ChangeOperation.UPDATED if row.version else ChangeOperation.CREATED
        changes.append(_change(kind, row.id, operation, version, text, now))
        before_and_after.append((json.loads(row.document or "{}"), json.loads(text or "{}")))
    if updates:
        session.connection().execute(_update_of(table), updates)
    return outcome, current, Stored(kind, changes, before_and_after, assigned, is_effect)


def _text(kind: Kind, document: Document, version: int, changed_at: datetime) -> str:
    html_url = {"html_url": kind.html_url(document)}
    return as_json({**document, **html_url, "version": version, "changed_at": moment(changed_at)})


def stored_documents(session: Session) -> Iterable[tuple[str, str, str]]:
    """Every stored document: resource, id, JSON; for comparing with a rebuild."""
    for kind in KINDS:
        stored = select(kind.model.id, kind.model.document).order_by(kind.model.id)
        for row in session.execute(stored):
            yield kind.name, row.id, row.document
