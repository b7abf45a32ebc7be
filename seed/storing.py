"""Rows as read → rows as stored: what differs is added, changed, withdrawn or deleted."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, insert, select, update
from sqlalchemy.orm import Session

from app.projections.parts import parts
from seed.rows import Row

NOT_FROM_THE_NOTICE = {"document", "version", "changed_at", "withdrawn_at", "held"}
REPORTED = {
    "task.status",
    "task.reported_on",
    "target.attainment",
    "target.latest_value",
    "target.measured_on",
}  # by agencies; a notice knows nothing of it
PLACE = {"position": None}  # in the order of the registry, which no document has


def among(column: Any, ids: Iterable[str]) -> list[Any]:
    """The conditions that a column has one of these values, each of bounded length."""
    return [column.in_(part) for part in parts(sorted(ids))]


def store_published(
    session: Session,
    table: Any,
    read: Iterable[Row],
    now: datetime,
    scopes: Sequence[Any],
    *,
    withdraw: bool = False,
) -> bool:
    """Add new rows of the scopes, change differing ones, and withdraw those that are not given.

    Gives whether a row that was there has changed in more than its place.
    """
    new = {row["id"]: row for row in read}
    columns = [
        column
        for column in table.__table__.columns
        if column.name not in NOT_FROM_THE_NOTICE and str(column) not in REPORTED
    ]
    statement = select(*columns, table.withdrawn_at)
    stored = {
        row["id"]: dict(row)
        for scope in scopes
        for row in session.execute(statement.where(scope)).mappings()
    }
    differs = False
    added = [
        {**row, "document": "", "version": 0, "changed_at": now, "withdrawn_at": None}
        for key, row in new.items()
        if key not in stored
    ]
    if added:  # the session would execute one statement for each set of nulls
        session.connection().execute(insert(table), added)
    for key, row in new.items():
        if key in stored and {**row, "withdrawn_at": None} != stored[key]:
            # Back again is a change that readers see, whatever its document says.
            again = {"document": ""} if stored[key]["withdrawn_at"] else {}
            changed = {**row, **again, "withdrawn_at": None}
            session.execute(update(table).where(table.id == key).values(**changed))
            differs |= {**changed, **PLACE} != {**stored[key], **PLACE}
    if withdraw:
        gone = [key for key, row in stored.items() if key not in new and not row["withdrawn_at"]]
        for key in gone:
            session.execute(update(table).where(table.id == key).values(withdrawn_at=now))
    return differs


def store_links(
    session: Session,
    table: Any,
    read: Iterable[Row],
    scopes: Sequence[Any],
    *,
    keep_missing: bool = False,
) -> bool:
    """Make the rows of the scopes those that are given; rows that nobody cites by an id.

    Gives whether a row that was there has changed.
    """
    keys = [column.name for column in table.__table__.primary_key]
    new = {tuple(row[key] for key in keys): row for row in read}
    statement = select(*table.__table__.columns)
    stored = {
        tuple(row[key] for key in keys): dict(row)
        for scope in scopes
        for row in session.execute(statement.where(scope)).mappings()
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
        session.connection().execute(insert(table), added)
    return any(key in new and new[key] != row for key, row in stored.items())
