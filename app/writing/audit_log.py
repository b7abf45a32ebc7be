"""The audit log: one line for each accepted write, and for each refused attempt with a valid key.

A line is JSON (members sorted, no spaces, UTF-8) with the SHA-256 of the previous line, so changing,
removing, inserting or reordering lines changes the last hash, which is published
(`/v1/audit/checkpoints`).  A line has the digest of the stored fact, not its text, and the id, role,
agency and jurisdiction of the key.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import desc, insert, select
from sqlalchemy.orm import Session

from app.db.compiled import AtOnce, Read, Transaction
from app.db.models import AuditLine

ALGORITHM = "sha256"
BEFORE_THE_FIRST = "0" * 64
LAST = Read(select(AuditLine.seq, AuditLine.hash).order_by(desc(AuditLine.seq)).limit(1))
APPEND = insert(AuditLine)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds").replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else f"{value:f}"


# Made once: `json.dumps` makes one each time.
ENCODER = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain
)


@dataclass(frozen=True)
class Event:
    """The content of a line."""

    operation: str
    outcome: str  # accepted or refused
    status: int | None = None  # HTTP status of the response; None for commands of operators
    key: str | None = None
    role: str | None = None
    agency: str | None = None
    jurisdiction: str | None = None
    path: str | None = None
    fact: Mapping[str, str] | None = None  # resource, id, digest


def append_line(session: Session, event: Event, now: datetime) -> None:
    """Add a line; the caller must hold the writers' lock."""
    append_lines(session, [(event, now)])


def append_lines(
    session: Session, events: Iterable[tuple[Event, datetime]], to: Transaction | None = None
) -> None:
    """Add a line for each event, in this order; the caller must hold the writers' lock.

    `to` may execute later what stores them.
    """
    to = to or AtOnce(session.connection())
    last = to.rows(LAST, {})
    seq, previous = last[0] if last else (0, BEFORE_THE_FIRST)
    lines = []
    for event, now in events:
        seq += 1
        line = canonical(
            {
                **vars(event),
                "fact": event.fact and dict(event.fact),
                "alg": ALGORITHM,
                "seq": seq,
                "at": now,
                "previous": previous,
            }
        )
        previous = sha256(line)
        lines.append({"seq": seq, "line": line, "hash": previous})
    if lines:
        to.execute(APPEND, lines)


def canonical(members: Any) -> str:
    """Canonical JSON: members sorted, no spaces, only mandatory escapes."""
    return ENCODER.encode(members)


def sha256(text: str) -> str:
    """SHA-256 of the text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def digest_of(row: Any) -> str:
    """The digest of a fact: its `recorded` columns, and those of `recorded_if_set` that are set."""
    values = {name: getattr(row, name) for name in type(row).recorded}
    later = {name: getattr(row, name) for name in getattr(row, "recorded_if_set", ())}
    return sha256(canonical(values | {name: value for name, value in later.items() if value}))


def lines_after(session: Session, seq: int = 0, most: int = 1000) -> Iterator[Any]:
    """Lines in order, read in batches."""
    while rows := session.execute(
        select(AuditLine.seq, AuditLine.line, AuditLine.hash)
        .where(AuditLine.seq > seq)
        .order_by(AuditLine.seq)
        .limit(most)
    ).all():
        yield from rows
        seq = rows[-1].seq
