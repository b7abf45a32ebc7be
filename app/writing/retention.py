"""Removal of expired rows: responses stored under an Idempotency-Key, and finished deliveries.

Every worker does it periodically, in small batches between other writes.  Facts, the change
feed and the audit log are never removed.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, literal_column, select, tuple_, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.db.engine import ReadingDatabase
from app.db.models import Delivery, StoredResponse
from app.settings import Settings
from app.writing.writer import Writer

FIRST, EVERY = 60.0, 3600.0  # seconds after the start, and between rounds
BATCH = 500  # rows of one transaction
# Literal SQL, since SQLite uses the partial index only for this exact condition.
OVER: ColumnElement[bool] = literal_column("delivery.state <> 'pending'")
log = logging.getLogger("app")


class Retention:
    """The background task of a worker that removes expired rows."""

    def __init__(self, settings: Settings, database: ReadingDatabase, writer: Writer) -> None:
        self.settings, self.database, self.writer = settings, database, writer

    async def run(self) -> None:
        """Remove periodically until cancelled."""
        pause = FIRST
        while True:
            await asyncio.sleep(pause)
            pause = EVERY
            try:
                await self.remove()
            except SQLAlchemyError as error:
                log.error("retention: %s", error)
            except Exception:  # the next round tries again
                log.exception("retention")

    async def remove(self) -> int:
        """One round; returns the number of removed rows."""
        removed = 0
        await self._date_undated()
        for table, is_old in self._old(self.writer.clock()):
            while await self._is_any(table, is_old):
                removed += await self.writer.run(lambda session, _: _remove(session, table, is_old))  # noqa: B023 - awaited
        return removed

    def _old(self, now: datetime) -> list[tuple[Any, ColumnElement[bool]]]:
        responses = now - timedelta(days=self.settings.idempotency_days)
        deliveries = now - timedelta(days=self.settings.delivery_days)
        return [
            (StoredResponse, StoredResponse.stored_at < responses),
            (Delivery, OVER & (Delivery.last_attempt_at < deliveries)),
        ]

    async def _date_undated(self) -> None:
        """Date rows that a version before 0013 wrote, which may still run beside this one, from now."""
        undated = StoredResponse.stored_at.is_(None)
        now = self.writer.clock()
        if await self._is_any(StoredResponse, undated):
            statement = update(StoredResponse).where(undated).values(stored_at=now)
            await self.writer.run(lambda session, _: session.execute(statement))

    async def _is_any(self, table: Any, condition: ColumnElement[bool]) -> bool:
        """A read, so that writers do not wait if there is nothing to remove."""
        async with self.database.reading() as reader:
            found = await reader.execute(
                select(*table.__table__.primary_key).where(condition).limit(1)
            )
            return found.first() is not None


def _remove(session: Session, table: Any, is_old: ColumnElement[bool]) -> int:
    keys = list(table.__table__.primary_key)
    rows = session.execute(select(*keys).where(is_old).limit(BATCH)).all()
    if rows:
        session.execute(delete(table.__table__).where(tuple_(*keys).in_([tuple(r) for r in rows])))
    return len(rows)


@contextlib.asynccontextmanager
async def removing(retention: Retention) -> AsyncIterator[None]:
    """Remove while the service runs; a batch that is cancelled is still finished by its thread."""
    task = asyncio.create_task(retention.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
