"""Writes that are committed together, in one transaction.

What every write needs is done once: keys are checked, the feed and the audit log are numbered, and
the revision is raised.  See `docs/decisions/0024-group-commit.md`.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.db.compiled import Read
from app.db.engine import LOAD_LOCK
from app.db.revision import Clock
from app.enums import VersionCause
from app.projections.change_feed import (
    LAST_MOMENT,
    LOCK,
    RESOLUTION,
    needed_to_publish,
    not_before,
    raise_revision,
)
from app.projections.documents import publish
from app.projections.feed_entries import Stored, needed_to_describe
from app.writing.audit_log import LAST, Event, append_lines
from app.writing.idempotency import StoredResponses
from app.writing.keys import is_first_use, mark_used, valid_key
from app.writing.statements import Shared

MOMENT = Read(LAST_MOMENT)


class Group:
    """One transaction, which holds the writers' lock."""

    def __init__(self, session: Session, clock: Clock, secret: bytes) -> None:
        self.session, self.clock, self.secret = session, clock, secret
        self.shared = Shared(session)
        self.dialect = self.shared.connection.dialect.name
        if self.dialect == "postgresql":  # before any row is locked, else writers could deadlock
            self.shared.read_together([(LOCK, {"key": LOAD_LOCK}), (MOMENT, {})])
        moments = self.shared.rows(MOMENT, {})
        self.last: datetime | None = moments[0].changed_at if moments else None
        self.raised_at: datetime | None = None  # of the last accepted write
        self.checked: set[str] = set()  # valid keys
        self.used: list[tuple[str, datetime]] = []  # id of a key, when it was used first on a day
        self.stored: list[Stored] = []
        self.lines: list[tuple[Event, datetime]] = []
        self.responses = StoredResponses(self.shared)

    def moment(self) -> datetime:
        """The current time, later than every earlier write."""
        self.last = not_before(self.last and self.last + RESOLUTION, self.clock())
        return self.last

    def check_key(self, key: str) -> None:
        """Raise UnauthorizedError if a key is no longer valid; record its first use on a day."""
        if key not in self.checked:
            now = self.clock()
            row = valid_key(self.shared, key, self.secret, now)
            self.checked.add(key)
            if is_first_use(row.last_used_at, now):
                self.used.append((row.id, now))

    def record(self, event: Event, now: datetime) -> None:
        """Record an audit line."""
        self.lines.append((event, now))

    def accept(self, stored: Sequence[Stored], event: Event, now: datetime) -> None:
        """Publish what a write has stored; it cannot fail any more by itself."""
        self.stored.extend(stored)
        self.raised_at = now
        self.record(event, now)

    def finish(self) -> None:
        """Store what the writes have in common."""
        to = self.shared
        to.ahead.clear()  # what no write has taken
        mark_used(to, self.used)
        publishing = needed_to_publish(self.dialect) if self.raised_at else []
        stored = [one for one in self.stored if one.changes]
        to.read_together([*publishing, *needed_to_describe(stored), (LAST, {})])
        if self.raised_at:
            publish(self.session, self.stored, VersionCause.PRACTICE, to)
            raise_revision(self.session, self.raised_at, to)
        append_lines(self.session, self.lines, to)
        self.responses.store()
        to.store_pending()
