"""The writer: one thread per process, and the queue before it.

Writes are serialised: within a process by its one thread, between processes by a lock of the
database.  So numbers of the feed and the audit log have no gaps, and 100 concurrent repeats are one
write.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cached_property, partial
from typing import TypeVar, TypeVarTuple

from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.orm import Session

from app.db.engine import lock_writers, open_writing, transaction
from app.db.revision import Clock
from app.http.problems import Message, TooManyRequestsError, UnavailableError
from app.projections.change_feed import LAST_MOMENT, not_before
from app.settings import Settings
from app.writing.keys import server_secret

LONGEST_WAIT = 8.0  # seconds for queue and transaction; 10 for the whole request
MOST_WAITING = 500  # requests of one worker
MOST_OF_ONE_KEY = 200  # of these, so that one key cannot fill the queue
BUSY = Message(
    "写入排队已满；请按 Retry-After 稍后用同一 Idempotency-Key 再试。未写入任何内容。",
    "Too many writes are waiting; try again after Retry-After seconds with the same "
    "Idempotency-Key. Nothing was written.",
)
UNKNOWN = Message(
    "未能在时限内得知写入是否完成；请按 Retry-After 稍后用同一 Idempotency-Key 再试，即可得知。",
    "The outcome of this write is not known yet; try again after Retry-After seconds with the same "
    "Idempotency-Key to get it.",
)
log = logging.getLogger("app")
ArgsT = TypeVarTuple("ArgsT")
ResultT = TypeVar("ResultT")


class Writer:
    """The writer of a worker; thread and connection are opened at the first write."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self.waiting: Counter[str] = Counter()  # requests by the id of their key
        self.most_of_one_key = MOST_OF_ONE_KEY
        self.last_failed = False  # for `/readyz`

    @cached_property
    def engine(self) -> Engine:
        return open_writing(self.settings.database_url)

    @cached_property
    def secret(self) -> bytes:
        return server_secret(self.settings)

    async def in_turn(
        self, key_id: str, work: Callable[[*ArgsT], ResultT], *args: *ArgsT
    ) -> ResultT:
        """Run the work of a request in the writer's thread.

        Raises ApiError if it is refused, UnavailableError if its outcome is unknown.
        """
        if self.waiting[key_id] >= self.most_of_one_key:
            raise TooManyRequestsError
        if self.waiting.total() >= MOST_WAITING:
            raise UnavailableError(BUSY)
        self.waiting[key_id] += 1
        future = self.thread.submit(self._attempt, partial(work, *args))
        result = asyncio.wrap_future(future)
        result.add_done_callback(lambda _: self._leave(key_id))  # counted in the event loop only
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                return await asyncio.shield(result)
        except TimeoutError:
            raise UnavailableError(BUSY if future.cancel() else UNKNOWN) from None

    async def run(self, work: Callable[[Session, datetime], ResultT]) -> ResultT:
        """Run internal work in a transaction, queued with the requests.

        It gets the current time, never earlier than the last write.
        """
        return await asyncio.wrap_future(self.thread.submit(self._in_transaction, work))

    async def close(self) -> None:
        """Finish the work in progress."""
        await asyncio.to_thread(self.thread.shutdown, wait=True, cancel_futures=True)
        if "engine" in vars(self):
            self.engine.dispose()

    def _attempt(self, work: Callable[[], ResultT]) -> ResultT:
        try:
            result = work()
        except (OperationalError, InterfaceError, InternalError) as error:  # or it only reads
            self.last_failed = True
            log.error("database, writing: %s", error.orig)
            raise UnavailableError(UNKNOWN) from error
        self.last_failed = False
        return result

    def _in_transaction(self, work: Callable[[Session, datetime], ResultT]) -> ResultT:
        with transaction(self.engine) as session:
            lock_writers(session.connection())
            last = session.scalar(LAST_MOMENT)
            return work(session, not_before(last, self.clock()))

    def _leave(self, key_id: str) -> None:
        self.waiting[key_id] -= 1
        if not self.waiting[key_id]:
            del self.waiting[key_id]
