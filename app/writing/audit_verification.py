"""Verification of the audit log and of the facts that it records."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.models import Base, Withdrawal
from app.writing import audit_log

# Tables with write-once columns, of which the audit log has a digest.
BY_TABLE: dict[str, type[Any]] = {
    mapper.class_.__tablename__: mapper.class_
    for mapper in Base.registry.mappers
    if hasattr(mapper.class_, "recorded")
}


def faults(session: Session, checkpoints: dict[int, str]) -> Iterator[str]:
    """Lines, checkpoints and facts that differ from what was written."""
    previous, expected = audit_log.BEFORE_THE_FIRST, 1
    hashes: dict[int, str] = {}
    written: dict[tuple[str, str], str] = {}
    for row in audit_log.lines_after(session):
        line = json.loads(row.line)
        if row.seq != expected or line["seq"] != row.seq:
            yield f"line {expected} is missing or out of order"
        if line["previous"] != previous:
            yield f"line {row.seq} does not follow the line before it"
        if audit_log.sha256(row.line) != row.hash:
            yield f"line {row.seq} was changed"
        if fact := line["fact"]:
            written[fact["resource"], fact["id"]] = fact["digest"]
        previous, expected, hashes[row.seq] = row.hash, row.seq + 1, row.hash
    for seq, hash_ in checkpoints.items():
        if seq not in hashes:
            yield f"line {seq}, which has a stored checkpoint, is missing"
        elif hashes[seq] != hash_:
            yield f"line {seq} does not match its stored checkpoint"
    yield from _changed_facts(session, written)


def _changed_facts(session: Session, written: dict[tuple[str, str], str]) -> Iterator[str]:
    """Facts that differ from the log, are missing, or are not in the log."""
    stored: dict[tuple[str, str], str] = {}
    for name, table in BY_TABLE.items():
        for row in session.scalars(select(table)):
            resource = f"withdrawal of {row.resource}" if isinstance(row, Withdrawal) else name
            stored[resource, row.id] = audit_log.digest_of(row)
    for key in sorted(written.keys() | stored.keys()):
        what = " ".join(key)
        if key not in stored:
            yield f"{what} was deleted"
        elif key not in written:
            yield f"{what} was added without the service"
        elif stored[key] != written[key]:
            yield f"{what} was changed"
