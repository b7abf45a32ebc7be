"""A write: committed before the first byte of its response, together with others that wait.

Before the queue, in `app/routing.py`: key → role → body → Idempotency-Key.  Here, in the writer's
thread: replay of an earlier response to the same request → the command, which checks in the order
404, 403, 409, and stores facts and documents → change feed → audit line → response, stored under its
Idempotency-Key → commit.  A refused request stores only the audit line of its refusal.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVarTuple

from app.http.problems import ApiError
from app.writing.access import Access
from app.writing.group import Group
from app.writing.idempotency import IdempotencyKey
from app.writing.keys import needed_to_check
from app.writing.statements import Ahead, ahead_of
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
        caller = self.access.caller
        own = ahead_of(command, caller, *args)
        reads = [needed_to_check(self.access.key), *own.reads]
        if key := self.idempotency_key:
            reads.append(key.needed(caller))
        ahead = Ahead(reads, own.subject)
        return await self.writer.in_turn(caller.key_id, _perform, self, command, args, ahead=ahead)


def _perform(
    group: Group,
    request: WriteRequest,
    command: Callable[..., WriteResult],
    args: Sequence[Any],
) -> WriteResponse:
    """Runs in the writer's thread: the write, or the line of its refusal."""
    access, key = request.access, request.idempotency_key
    group.check_key(access.key)  # it may have been revoked while the request waited
    now = group.moment()
    try:
        if key and (stored := group.responses.replay(access.caller, key)):
            return stored
        settings = request.writer.settings
        with group.shared.one_write() as statements:
            write = Write(statements, access.caller, now, settings, request.if_match)
            result = command(write, *args)
            event = access.event("accepted", result.status, result.fact)
        response = WriteResponse.of(result, now)
        if key:
            group.responses.add(access.caller, key, response, now)
    except ApiError as refused:
        group.record(access.event("refused", refused.status), now)
        raise
    group.accept(write.stored, event, now)
    return response
