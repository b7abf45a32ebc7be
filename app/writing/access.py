"""A request with a valid key, and the audit line of its refusal."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from app.db.engine import lock_writers, transaction
from app.http.problems import ApiError
from app.projections.change_feed import moment_of_writing
from app.writing.audit_log import Event, append_line
from app.writing.keys import Caller, mark_used
from app.writing.writer import Writer


@dataclass(frozen=True)
class Access:
    """The caller and the operation of a request."""

    operation: str
    path: str
    key: str = field(repr=False)
    caller: Caller

    def event(self, outcome: str, status: int, fact: Mapping[str, str] | None = None) -> Event:
        """For the audit line."""
        return Event(
            self.operation,
            outcome,
            int(status),
            key=self.caller.key_id,
            role=self.caller.role,
            agency=self.caller.agency_id,
            jurisdiction=self.caller.jurisdiction_code,
            path=self.path,
            fact=fact,
        )


@asynccontextmanager
async def recording_refusals(writer: Writer, access: Access) -> AsyncIterator[None]:
    """Record the audit line of a refusal before the response is sent."""
    try:
        yield
    except ApiError as refused:
        await writer.in_turn(access.caller.key_id, record_refusal, writer, access, refused)
        raise


def record_refusal(writer: Writer, access: Access, refused: ApiError) -> None:
    """Runs in the writer's thread; changes no data except checkpoints."""
    with transaction(writer.engine) as session:
        lock_writers(session.connection())
        now = moment_of_writing(session, writer.clock)
        append_line(session, access.event("refused", refused.status), now)


async def record_use(writer: Writer, access: Access) -> None:
    """Record the use of a key for reading, at most once a day; `keys list` shows it."""
    used = access.caller.last_used_at
    if used is None or used.date() < writer.clock().date():
        await writer.in_turn(access.caller.key_id, _mark_used, writer, access)


def _mark_used(writer: Writer, access: Access) -> None:
    with transaction(writer.engine) as session:
        mark_used(session, access.key, writer.secret, writer.clock())
