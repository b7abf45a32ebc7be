"""The way of a write: one transaction, committed before the first byte of the answer.

Key → role → body → Idempotency-Key → what was answered before → the command, which asks its
questions in the order a reader would (404, 403, 409) → documents and change feed → audit line →
the answer, kept under its Idempotency-Key → commit.  What is refused stores nothing but the audit
line of the attempt.

Writers wait for each other: one thread in each process, a lock of the database between processes.
So numbers of the feed and the audit log have no gaps, and 100 repeats at once are one write.
"""

import asyncio
import hashlib
import logging
import re
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cached_property
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.orm import Session

from app import audit_log
from app.authorization import PERMISSIONS
from app.bodies import Body, read_body
from app.conditions import entity_tag, last_modified, matches_strongly
from app.database import lock_writers, open_writing
from app.errors import (
    ApiError,
    FieldError,
    ForbiddenError,
    IdempotencyKeyReusedError,
    InvalidParametersError,
    PreconditionFailedError,
    PreconditionRequiredError,
    UnavailableError,
    Words,
)
from app.feed import raise_revision
from app.keys import Caller, authenticate, server_secret
from app.languages import in_script
from app.settings import Settings
from app.tables import IdempotentAnswer, Withdrawal
from app.vocabulary import Script

CHINA = timezone(timedelta(hours=8))  # China Standard Time, by which a day is a day in the notices
LONGEST_WAIT = 10.0  # seconds from the last byte of a request to its answer
MOST_WAITING = 500  # requests of one worker
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
        return self.now.astimezone(CHINA).date()


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
class Answer:
    """What is sent."""

    status: int
    headers: dict[str, str]
    body: str


Command = Callable[[Write, Body], Stored]


@dataclass
class Attempt:
    """A request that wants to write; `caller` is known once its key is."""

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

    def perform(self, session: Session, secret: bytes, now: datetime) -> Answer:
        """All of it, inside a transaction; raises ApiError where it is refused."""
        caller = self.caller = authenticate(session, self.key, secret, now)
        if caller.role not in PERMISSIONS[self.operation].roles:
            raise ForbiddenError(self._needs_role())
        if isinstance(self.body, ApiError):
            raise self.body
        body = read_body(self.body, self.takes)
        name = self._name() if self.method == "POST" else None
        lock_writers(session.connection())
        known = name and session.get(IdempotentAnswer, (caller.key_id, name))
        if known:
            if known.fingerprint != self.fingerprint:
                raise IdempotencyKeyReusedError
            headers = dict(zip(known.headers[::2], known.headers[1::2], strict=True))
            return Answer(known.status, headers, known.body)
        stored = self.command(Write(session, caller, now, self.if_match), body)
        answer = Answer(
            stored.status,
            {
                **({"Location": stored.location} if stored.status == 201 else {}),
                "Content-Location": stored.location,
                "ETag": entity_tag(stored.document.encode()),
                "Last-Modified": last_modified(now),
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
                )
            )
        raise_revision(session, now)
        event = self._event("accepted", stored.status, stored.fact)
        audit_log.append_line(session, event, now)
        return answer

    def refuse(self, session: Session, error: ApiError, now: datetime) -> None:
        """The audit line of an attempt that was refused."""
        lock_writers(session.connection())
        raise_revision(session, now)  # checkpoints are data, too
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

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self.settings = settings
        self.clock = clock
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self.waiting = 0

    @cached_property
    def engine(self) -> Engine:
        return open_writing(self.settings.database_url)

    @cached_property
    def secret(self) -> bytes:
        return server_secret(self.settings)

    async def write(self, attempt: Attempt) -> Answer:
        """Perform an attempt; raises ApiError, UnavailableError where the outcome is not known."""
        if self.waiting >= MOST_WAITING:
            raise UnavailableError(BUSY)
        self.waiting += 1
        future = self.thread.submit(self._perform, attempt)
        future.add_done_callback(self._done)
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                return await asyncio.shield(asyncio.wrap_future(future))
        except TimeoutError:
            raise UnavailableError(BUSY if future.cancel() else UNKNOWN) from None

    def _done(self, future: Future[Answer]) -> None:
        self.waiting -= 1

    def _perform(self, attempt: Attempt) -> Answer:
        now = self.clock()
        try:
            try:
                with Session(self.engine) as session, session.begin():
                    return attempt.perform(session, self.secret, now)
            except ApiError as refused:
                if attempt.caller:
                    with Session(self.engine) as session, session.begin():
                        attempt.refuse(session, refused, now)
                raise
        except (OperationalError, InterfaceError, InternalError) as error:  # or it only reads
            log.error("database, writing: %s", error.orig)
            raise UnavailableError(UNKNOWN) from error

    async def close(self) -> None:
        """Finish what is under way."""
        await asyncio.to_thread(self.thread.shutdown, wait=True, cancel_futures=True)
        if "engine" in vars(self):
            self.engine.dispose()


def utc_now() -> datetime:
    """The clock of the service; tests have their own."""
    return datetime.now(UTC)
