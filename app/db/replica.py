"""Public reads from a replica of PostgreSQL, if it is not behind the primary at that moment.

The primary's revision is read first, as at every request; then the replica's, in the snapshot of the
request.  If that is older, of another epoch, or not to be had, the primary is read.  So a client sees
each write that was acknowledged before its request, and sends nothing for it.
"""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from sqlalchemy.exc import SQLAlchemyError

from app.db.engine import Reader, ReadingDatabase
from app.db.revision import READ_REVISION, Revisions

REST = 1.0  # seconds in which a replica is not asked after it failed


class ReplicaFirst:
    """The reads of public operations; keys, webhooks and readiness read the primary."""

    def __init__(
        self,
        primary: ReadingDatabase,
        replica: ReadingDatabase,
        revisions: Revisions,
        count: Callable[[str], None],
    ) -> None:
        self.primary = primary
        self.replica = replica
        self.revisions = revisions
        self.count = count
        self.asks_again_at = 0.0

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reader]:
        """A transaction on the replica, or else on the primary."""
        async with AsyncExitStack() as stack:
            if (reader := await self._replica(stack)) is None:
                reader = await stack.enter_async_context(self.primary.reading())
            yield reader

    async def _replica(self, stack: AsyncExitStack) -> Reader | None:
        """A transaction on the replica that is at least as new as the primary is now."""
        if time.monotonic() < self.asks_again_at:
            self.count("resting")
            return None
        if (needed := await self.revisions.current()) is None:
            return None
        try:
            async with AsyncExitStack() as trial:
                reader = await trial.enter_async_context(self.replica.reading())
                number, _, epoch, _ = (await reader.execute(READ_REVISION)).one()
                if epoch == needed.epoch and number >= needed.number:
                    stack.push_async_exit(trial.pop_all())
                    self.count("used")
                    return reader
        except (SQLAlchemyError, TimeoutError):
            self.asks_again_at = time.monotonic() + REST
            self.count("failed")
            return None
        self.count("behind")
        return None

    async def close(self) -> None:
        """Close the replica; the primary belongs to others."""
        await self.replica.close()
