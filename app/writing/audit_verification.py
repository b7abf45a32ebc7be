"""Whether the audit log, and what it tells of, is as it was written."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.models import Base, Withdrawal
from app.writing import audit_log

# What says which of its columns are written once; the audit log has a digest of these.
BY_TABLE: dict[str, type[Any]] = {
    mapper.class_.__tablename__: mapper.class_
    for mapper in Base.registry.mappers
    if hasattr(mapper.class_, "recorded")
}


def faults(session: Session, kept: dict[int, str]) -> Iterator[str]:
    """What is not as it was: lines, checkpoints, facts."""
    previous, expected = audit_log.BEFORE_THE_FIRST, 1
    hashes: dict[int, str] = {}
    written: dict[tuple[str, str], str] = {}
    for row in audit_log.lines_after(session):
        line = json.loads(row.line)
        if row.seq != expected or line["seq"] != row.seq:
            yield f"line {expected} is missing or out of its place"
        if line["previous"] != previous:
            yield f"line {row.seq} does not follow the line before it"
        if audit_log.sha256(row.line) != row.hash:
            yield f"line {row.seq} was changed"
        if fact := line["fact"]:
            written[fact["resource"], fact["id"]] = fact["digest"]
        previous, expected, hashes[row.seq] = row.hash, row.seq + 1, row.hash
    for seq, hash_ in kept.items():
        if seq not in hashes:
            yield f"line {seq}, of which a checkpoint was kept, is gone"
        elif hashes[seq] != hash_:
            yield f"line {seq} is not the one of which a checkpoint was kept"
    yield from _changed_facts(session, written)


def _changed_facts(session: Session, written: dict[tuple[str, str], str]) -> Iterator[str]:
    """Facts that differ from what the log says was written, are gone, or were never written."""
    stored: dict[tuple[str, str], str] = {}
    for name, table in BY_TABLE.items():
        for row in session.scalars(select(table)):
            of = f"withdrawal of {row.resource}" if isinstance(row, Withdrawal) else name
            stored[of, row.id] = audit_log.digest_of(row)
    for key in sorted(written.keys() | stored.keys()):
        what = " ".join(key)
        if key not in stored:
            yield f"{what} was deleted"
        elif key not in written:
            yield f"{what} was added past the service"
        elif stored[key] != written[key]:
            yield f"{what} was changed"
