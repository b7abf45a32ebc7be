"""A request with a valid key, and the audit line of its refusal."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from app.http.problems import ApiError
from app.writing.audit_log import Event
from app.writing.group import Group
from app.writing.keys import Caller, is_first_use
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
    """Record the audit line of a refusal before the response is sent.

    Raises UnauthorizedError in place of it if the key is no longer valid.
    """
    try:
        yield
    except ApiError as refused:
        await writer.in_turn(access.caller.key_id, record_refusal, access, refused)
        raise


def record_refusal(group: Group, access: Access, refused: ApiError) -> None:
    """Runs in the writer's thread; changes no data except checkpoints."""
    group.check_key(access.key)
    group.record(access.event("refused", refused.status), group.moment())


async def record_use(writer: Writer, access: Access) -> None:
    """Record the use of a key for reading, at most once a day; `keys list` shows it."""
    if is_first_use(access.caller.last_used_at, writer.clock()):
        await writer.in_turn(access.caller.key_id, _check_key, access)


def _check_key(group: Group, access: Access) -> None:
    group.check_key(access.key)
