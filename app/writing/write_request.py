"""A write: one transaction, committed before the first byte of the response.

Before the queue, in `app/routing.py`: key → role → body → Idempotency-Key.  Here, in the writer's
thread: replay of an earlier response to the same request → the command, which checks in the order
404, 403, 409, and stores facts and documents → change feed → audit line → response, stored under its
Idempotency-Key → commit.  A refused request stores only the audit line of its refusal.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVarTuple

from sqlalchemy.orm import Session

from app.db.engine import lock_writers, transaction
from app.enums import VersionCause
from app.http.problems import ApiError, UnauthorizedError
from app.projections.change_feed import moment_of_writing, raise_revision
from app.projections.documents import publish
from app.writing.access import Access, record_refusal
from app.writing.audit_log import append_line
from app.writing.idempotency import IdempotencyKey, replay, store_response
from app.writing.keys import mark_used
from app.writing.unit_of_work import Write, WriteResponse, WriteResult
from app.writing.writer import Writer

ArgsT = TypeVarTuple("ArgsT")


@dataclass(frozen=True)
class WriteRequest:
    """A request whose key, role, body and Idempotency-Key were validated."""

    writer: Writer
    access: Access
    idempotency_key: IdempotencyKey | None  # for POST only
    if_match: str | None

    async def perform(
        self, command: Callable[[Write, *ArgsT], WriteResult], *args: *ArgsT
    ) -> WriteResponse:
        """Perform it; raises ApiError, or UnavailableError if the outcome is unknown."""
        key_id = self.access.caller.key_id
        return await self.writer.in_turn(key_id, _perform, self, command, args)


def _perform(
    request: WriteRequest, command: Callable[..., WriteResult], args: Sequence[Any]
) -> WriteResponse:
    """Runs in the writer's thread: the write in one transaction, or its refusal in another."""
    try:
        with transaction(request.writer.engine) as session:
            return _replay_or_write(session, request, command, args)
    except UnauthorizedError:  # the key was revoked while it waited: no caller to record
        raise
    except ApiError as refused:
        record_refusal(request.writer, request.access, refused)
        raise


def _replay_or_write(
    session: Session,
    request: WriteRequest,
    command: Callable[..., WriteResult],
    args: Sequence[Any],
) -> WriteResponse:
    """Runs in one transaction: everything is stored, or nothing."""
    writer, caller, key = request.writer, request.access.caller, request.idempotency_key
    lock_writers(session.connection())  # before any row is locked, else writers could deadlock
    mark_used(session, request.access.key, writer.secret, writer.clock())
    if key and (stored := replay(session, caller, key)):
        return stored
    now = moment_of_writing(session, writer.clock)  # read after the lock is held
    write = Write(session, caller, now, writer.settings, request.if_match)
    result = command(write, *args)
    response = WriteResponse.of(result, now)
    _record(write, request, result, response)
    return response


def _record(
    write: Write, request: WriteRequest, result: WriteResult, response: WriteResponse
) -> None:
    """Publish, raise the revision, append the audit line and store the response for replay."""
    session, now = write.session, write.now
    publish(session, write.stored, VersionCause.PRACTICE)
    raise_revision(session, now)
    append_line(session, request.access.event("accepted", result.status, result.fact), now)
    if request.idempotency_key:
        store_response(session, request.access.caller, request.idempotency_key, response, now)
