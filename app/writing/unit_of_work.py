"""The way of a write: one transaction, committed before the first byte of the answer.

Key → role → body → Idempotency-Key → what was answered before → the command, which asks its
questions in the order a reader would (404, 403, 409) → documents and change feed → audit line →
the answer, kept under its Idempotency-Key → commit.  What is refused stores nothing but the audit
line of the attempt.  What only some may read goes the same way as far as the command.

Writers wait for each other: one thread in each process, a lock of the database between processes.
So numbers of the feed and the audit log have no gaps, and 100 repeats at once are one write.
"""

import asyncio
import hashlib
import logging
import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.orm import Session

from app.clock import day_in_china
from app.db.engine import lock_writers, open_writing, transaction
from app.db.models import IdempotentAnswer, Withdrawal
from app.db.revision import Clock
from app.enums import Script
from app.http.bodies import Body, read_body
from app.http.etags import entity_tag, last_modified, matches_strongly
from app.http.languages import in_script
from app.http.problems import (
    ApiError,
    FieldError,
    ForbiddenError,
    IdempotencyKeyReusedError,
    InvalidParametersError,
    PreconditionFailedError,
    PreconditionRequiredError,
    TooManyRequestsError,
    UnavailableError,
    Words,
)
from app.projections.change_feed import LAST_MOMENT, moment_of_writing, not_before, raise_revision
from app.settings import Settings
from app.writing import audit_log
from app.writing.keys import Caller, authenticate, key_id, server_secret
from app.writing.permissions import PERMISSIONS

LONGEST_WAIT = 8.0  # seconds for the transaction and the queue before it; 10 with the rest
MOST_WAITING = 500  # requests of one worker
MOST_OF_ONE_KEY = 200  # of these, so that nobody takes the room of all
IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")
BUSY = Words(
    "写入排队已满；请按 Retry-After 稍后用同一 Idempotency-Key 再试。未写入任何内容。",
    "Too many writes are waiting; try again after Retry-After seconds with the same "
    "Idempotency-Key. Nothing was written.",
)
UNKNOWN = Words(
    "未能在时限内得知写入是否完成；请按 Retry-After 稍后用同一 Idempotency-Key 再试，即可得知。",
    "Whether this was written is not known yet; try again after Retry-After seconds with the same "
    "Idempotency-Key, and the answer will tell.",
)
log = logging.getLogger("app")


@dataclass(frozen=True)
class Write:
    """What a command works with."""

    session: Session
    caller: Caller
    now: datetime
    settings: Settings
    if_match: str | None = None

    def unless_changed(self, document: str) -> None:
        """Refuse a change of what the client has not seen (RFC 9110, section 13.1.1)."""
        if self.if_match is None:
            raise PreconditionRequiredError
        converted = in_script(document, Script.HANT).encode()
        etags = (entity_tag(document.encode()), entity_tag(converted, "-hant"))
        if not matches_strongly(etags, self.if_match):
            raise PreconditionFailedError

    @property
    def today(self) -> date:
        """The day in China."""
        return day_in_china(self.now)


@dataclass(frozen=True)
class Stored:
    """What a command has stored: a fact, and the document that is answered."""

    status: int
    row: Any  # says what it says by its `said` columns
    document: str
    location: str

    @property
    def fact(self) -> dict[str, str]:
        """For the audit line."""
        kind = type(self.row).__tablename__
        if isinstance(self.row, Withdrawal):
            kind = f"withdrawal of {self.row.resource}"
        return {"resource": kind, "id": self.row.id, "digest": audit_log.digest_of(self.row)}


@dataclass(frozen=True)
class Shown:
    """What a command has read, for those who may."""

    document: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What is sent."""

    status: int
    headers: dict[str, str]
    body: str


Command = Callable[[Write, Body], Stored | Shown]
ResultT = TypeVar("ResultT")


@dataclass
class Attempt:
    """A request that wants to write, or to read what is not public; its key tells `caller`."""

    operation: str
    method: str
    path: str
    key: str
    idempotency_key: str | None
    if_match: str | None
    body: bytes | ApiError
    takes: type[Body]
    command: Command
    caller: Caller | None = None

    def perform(self, session: Session, writer: "Writer") -> Answer:
        """All of it, inside a transaction; raises ApiError where it is refused."""
        now = writer.clock()
        caller = self.caller = authenticate(session, self.key, writer.secret, now)
        if caller.role not in PERMISSIONS[self.operation].roles:
            raise ForbiddenError(self._needs_role())
        if isinstance(self.body, ApiError):
            raise self.body
        if self.method == "GET":
            shown = self.command(Write(session, caller, now, writer.settings), Body())
            assert isinstance(shown, Shown)  # noqa: S101 - what a command that reads gives
            headers = _validators(shown.document, now) | shown.headers
            return Answer(200, headers, shown.document)
        body = read_body(self.body, self.takes)
        name = self._name() if self.method == "POST" else None
        lock_writers(session.connection())
        known = name and session.get(IdempotentAnswer, (caller.key_id, name))
        if known:
            if known.fingerprint != self.fingerprint:
                raise IdempotencyKeyReusedError
            headers = dict(zip(known.headers[::2], known.headers[1::2], strict=True))
            return Answer(known.status, headers, known.body)
        now = moment_of_writing(session, writer.clock)  # not before the lock is held
        stored = self.command(Write(session, caller, now, writer.settings, self.if_match), body)
        assert isinstance(stored, Stored)  # noqa: S101 - what a command that writes gives
        answer = Answer(
            stored.status,
            {
                **({"Location": stored.location} if stored.status == 201 else {}),
                "Content-Location": stored.location,
                **_validators(stored.document, now),
            },
            stored.document,
        )
        if name:
            session.add(
                IdempotentAnswer(
                    key_id=caller.key_id,
                    idempotency_key=name,
                    fingerprint=self.fingerprint,
                    status=answer.status,
                    headers=[part for header in answer.headers.items() for part in header],
                    body=answer.body,
                    stored_at=now,
                )
            )
        raise_revision(session, now)
        event = self._event("accepted", stored.status, stored.fact)
        audit_log.append_line(session, event, now)
        return answer

    def refuse(self, session: Session, error: ApiError, clock: Clock) -> None:
        """The audit line of an attempt that was refused; no data but checkpoints has changed."""
        lock_writers(session.connection())
        now = moment_of_writing(session, clock)
        audit_log.append_line(session, self._event("refused", error.status), now)

    @cached_property
    def fingerprint(self) -> str:
        """The same for the same request."""
        said = f"{self.method} {self.path}\n".encode() + bytes(self.body)  # type: ignore[arg-type]
        return hashlib.sha256(said).hexdigest()

    def _event(
        self, outcome: str, status: int, fact: dict[str, str] | None = None
    ) -> audit_log.Event:
        assert self.caller is not None  # noqa: S101 - only then is there a line
        return audit_log.Event(
            self.operation,
            outcome,
            int(status),
            key=self.caller.key_id,
            role=self.caller.role,
            agency=self.caller.agency_id,
            path=self.path,
            fact=fact,
        )

    def _name(self) -> str:
        """The Idempotency-Key; raises InvalidParametersError where there is none."""
        if self.idempotency_key and IDEMPOTENCY_KEY.fullmatch(self.idempotency_key):
            return self.idempotency_key
        words = Words(
            "每个 POST 须带 Idempotency-Key：1–255 个可见 ASCII 字符，如 UUID；重试时不变。",
            "Every POST needs an Idempotency-Key: 1 to 255 visible ASCII characters, such as a "
            "UUID, and the same when it is repeated.",
        )
        raise InvalidParametersError(errors=[FieldError("header", "Idempotency-Key", words)])

    def _needs_role(self) -> Words:
        roles = ", ".join(sorted(PERMISSIONS[self.operation].roles))
        return Words(f"此操作需要角色 {roles} 的密钥。", f"This needs a key with the role {roles}.")


class Writer:
    """Where a worker writes: one thread, opened at the first write."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self.waiting: Counter[str | None] = Counter()  # requests by the name of their key
        self.most_of_one_key = MOST_OF_ONE_KEY
        self.last_failed = False  # for `/readyz`

    @cached_property
    def engine(self) -> Engine:
        return open_writing(self.settings.database_url)

    @cached_property
    def secret(self) -> bytes:
        return server_secret(self.settings)

    async def write(self, attempt: Attempt) -> Answer:
        """Perform an attempt; raises ApiError, UnavailableError where the outcome is not known."""
        name = key_id(attempt.key)
        if self.waiting[name] >= self.most_of_one_key:
            raise TooManyRequestsError
        if self.waiting.total() >= MOST_WAITING:
            raise UnavailableError(BUSY)
        self.waiting[name] += 1
        future = self.thread.submit(self._perform, attempt)
        answer = asyncio.wrap_future(future)
        answer.add_done_callback(lambda _: self._done(name))  # in the loop, which alone counts
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                return await asyncio.shield(answer)
        except TimeoutError:
            raise UnavailableError(BUSY if future.cancel() else UNKNOWN) from None

    async def run(self, work: Callable[[Session, datetime], ResultT]) -> ResultT:
        """Do something of the service's own in a transaction, in turn with the requests.

        It gets the moment, which is not before what was written last.
        """

        def perform() -> ResultT:
            with transaction(self.engine) as session:
                lock_writers(session.connection())
                last = session.scalar(LAST_MOMENT)
                return work(session, not_before(last, self.clock()))

        return await asyncio.wrap_future(self.thread.submit(perform))

    def _done(self, name: str | None) -> None:
        self.waiting[name] -= 1
        if not self.waiting[name]:
            del self.waiting[name]

    def _perform(self, attempt: Attempt) -> Answer:
        try:
            try:
                with transaction(self.engine) as session:
                    answer = attempt.perform(session, self)
                self.last_failed = False
                return answer
            except ApiError as refused:
                if attempt.caller:
                    with transaction(self.engine) as session:
                        attempt.refuse(session, refused, self.clock)
                raise
        except (OperationalError, InterfaceError, InternalError) as error:  # or it only reads
            self.last_failed = True
            log.error("database, writing: %s", error.orig)
            raise UnavailableError(UNKNOWN) from error

    async def close(self) -> None:
        """Finish what is under way."""
        await asyncio.to_thread(self.thread.shutdown, wait=True, cancel_futures=True)
        if "engine" in vars(self):
            self.engine.dispose()


def _validators(document: str, now: datetime) -> dict[str, str]:
    return {"ETag": entity_tag(document.encode()), "Last-Modified": last_modified(now)}


def utc_now() -> datetime:
    """The clock of the service; tests have their own."""
    return datetime.now(UTC)
