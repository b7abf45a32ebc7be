"""The writer: one thread per process, and the queue before it.

Writes are serialised: within a process by its one thread, between processes by a lock of the
database.  So numbers of the feed and the audit log have no gaps, and 100 concurrent repeats are one
write.  Those that wait are committed together; responses follow the commit.
"""

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import chain, groupby
from typing import Any, TypeVar, TypeVarTuple

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, PendingRollbackError
from sqlalchemy.orm import Session

from app.db.engine import lock_writers, open_writing, transaction
from app.db.revision import Clock
from app.http.problems import Message, TooManyRequestsError, UnavailableError
from app.projections.change_feed import LAST_MOMENT, not_before
from app.settings import Settings
from app.writing.group import Group
from app.writing.keys import server_secret
from app.writing.statements import Ahead, NotStoredError, is_failure

LONGEST_WAIT = 8.0  # seconds for queue and transaction; 10 for the whole request
MOST_WAITING = 500  # requests of one worker
MOST_OF_ONE_KEY = 200  # of these, so that one key cannot fill the queue
MOST_TOGETHER = 32  # requests committed together
LONGEST_GROUP = 0.05  # seconds, after which no more requests join those that are committed together
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
NOTHING_AHEAD = Ahead()
log = logging.getLogger("app")
ArgsT = TypeVarTuple("ArgsT")
ResultT = TypeVar("ResultT")


@dataclass(eq=False)
class _Job:
    """The work of a request, and its outcome, which is known to others after the commit."""

    work: Callable[[Group], Any]
    ahead: Ahead
    response: asyncio.Future[Any]
    result: Any = None
    error: Exception | None = None

    def perform(self, group: Group) -> None:
        """A refusal is an outcome, too; what it stores is committed."""
        try:
            self.result = self.work(group)
        except Exception as error:
            if is_failure(error) or isinstance(error, NotStoredError):
                raise
            self.error = error  # raised where the request waits


def _respond(jobs: Iterable[_Job]) -> None:
    """Let all requests of a group go on by waking the event loop once."""
    for loop, of_loop in groupby(jobs, lambda job: job.response.get_loop()):
        if not loop.is_closed():
            loop.call_soon_threadsafe(_set_outcomes, list(of_loop))


def _set_outcomes(jobs: Iterable[_Job]) -> None:
    for job in jobs:
        if job.response.cancelled():
            continue
        if job.error:
            job.response.set_exception(job.error)
        else:
            job.response.set_result(job.result)


class Writer:
    """The writer of a worker; thread and connection are opened at the first write."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self.queue: deque[_Job] = deque()
        self.is_woken = False
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
        self,
        key_id: str,
        work: Callable[[Group, *ArgsT], ResultT],
        *args: *ArgsT,
        ahead: Ahead = NOTHING_AHEAD,
    ) -> ResultT:
        """Run the work of a request in the writer's thread, and commit it with others that wait.

        Raises ApiError if it is refused, UnavailableError if its outcome is unknown.
        """
        if self.waiting[key_id] >= self.most_of_one_key:
            raise TooManyRequestsError
        if self.waiting.total() >= MOST_WAITING:
            raise UnavailableError(BUSY)
        self.waiting[key_id] += 1
        response: asyncio.Future[ResultT] = asyncio.get_running_loop().create_future()
        response.add_done_callback(lambda _: self._leave(key_id))  # counted in the event loop only
        job = _Job(lambda group: work(group, *args), ahead, response)
        self.queue.append(job)
        self._wake()
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                return await asyncio.shield(response)
        except TimeoutError:
            try:
                self.queue.remove(job)
            except ValueError:  # it is being performed
                raise UnavailableError(UNKNOWN) from None
            response.cancel()
            raise UnavailableError(BUSY) from None

    async def run(self, work: Callable[[Session, datetime], ResultT]) -> ResultT:
        """Run internal work in a transaction, queued with the requests.

        It gets the current time, never earlier than the last write.
        """
        return await asyncio.wrap_future(self.thread.submit(self._in_transaction, work))

    async def close(self) -> None:
        """Finish the work in progress."""
        await asyncio.to_thread(self.thread.shutdown, wait=True, cancel_futures=True)
        for job in self.queue:
            job.response.cancel()
        if "engine" in vars(self):
            self.engine.dispose()

    def _wake(self) -> None:
        """Let the thread commit what waits, after what it has to do before."""
        if not self.is_woken:
            self.is_woken = True
            self.thread.submit(self._commit_waiting)

    def _commit_waiting(self) -> None:
        """Runs in the thread."""
        self.is_woken = False  # before it looks at the queue: what comes later wakes it again
        if self.queue:
            self._commit(self._arriving())
        if self.queue:
            self._wake()

    def _next(self) -> _Job | None:
        """The first request of the queue; the event loop removes those that have waited too long."""
        try:
            return self.queue.popleft()
        except IndexError:
            return None

    def _arriving(self) -> Iterator[list[_Job]]:
        """The requests that wait, then those that arrived while these were performed, and so on.

        Reads are made ahead for those that come together, so each has its own subject.
        """
        until = time.monotonic() + LONGEST_GROUP
        left = MOST_TOGETHER
        while left and self.queue and time.monotonic() <= until:
            jobs: list[_Job] = []
            subjects: set[Hashable] = set()
            while len(jobs) < left and (job := self._next()):
                if (subject := job.ahead.subject) in subjects:
                    self.queue.appendleft(job)
                    break
                if subject is not None:
                    subjects.add(subject)
                jobs.append(job)
            left -= len(jobs)
            yield jobs

    def _commit(self, arriving: Iterable[list[_Job]]) -> None:
        """Perform them in one transaction, and respond after its commit."""
        taken: list[_Job] = []
        is_performed = False
        try:
            with transaction(self.engine) as session:
                group = Group(session, self.clock, self.secret)
                for jobs in arriving:
                    taken += jobs
                    group.shared.read_ahead(read for job in jobs for read in job.ahead.reads)
                    for job in jobs:
                        job.perform(group)
                group.finish()
                is_performed = True
        except Exception as error:  # noqa: BLE001 - as above
            if len(taken) > 1 and not is_performed and not _is_disconnected(error):
                for job in taken:  # nothing is stored, and the cause may be in one of them
                    self._commit([[job]])
            else:
                self._fail(
                    taken or list(chain.from_iterable(arriving)), error
                )  # a database that is gone fails all
            return
        self.last_failed = False
        _respond(taken)

    def _fail(self, jobs: Iterable[_Job], error: Exception) -> None:
        """Nothing is stored, or the outcome of the commit is not known."""
        if has_failed := is_failure(error):
            self.last_failed = True
            log.error("database, writing: %s", getattr(error, "orig", error))
        failed = list(jobs)
        for job in failed:
            job.error = UnavailableError(UNKNOWN) if has_failed else error
        _respond(failed)

    def _in_transaction(self, work: Callable[[Session, datetime], ResultT]) -> ResultT:
        with transaction(self.engine) as session:
            lock_writers(session.connection())
            last = session.scalar(LAST_MOMENT)
            return work(session, not_before(last, self.clock()))

    def _leave(self, key_id: str) -> None:
        self.waiting[key_id] -= 1
        if not self.waiting[key_id]:
            del self.waiting[key_id]


def _is_disconnected(error: Exception) -> bool:
    if isinstance(error, DBAPIError):
        return error.connection_invalidated
    return isinstance(error, PendingRollbackError)
