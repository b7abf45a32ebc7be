"""The exports that run at once in a worker, and which of them makes room for another.

A client that reads a little more than what ends a stalled connection could hold its slot for the
longest time of an export; two of them would leave none for others.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.types import Message, Scope, Send

MAX_EXPORTS = 2  # of one worker, so that the connections of others are left alone
GRACE = 30.0  # seconds of waiting for its client that every export has
MIN_PACE = 1 << 15  # bytes a second that keep a slot while others ask for it
UNCONFIRMED = "workplan.unconfirmed"  # in `extensions` of a scope: bytes the client has yet to take

log = logging.getLogger("app")


@dataclass(eq=False)
class Slot:
    """A running export: how long it has waited for its client, and for how many bytes.

    What the service itself takes to read, convert and compress counts for nobody.
    """

    sending: Send
    unconfirmed: Callable[[], int]
    limit: asyncio.Timeout
    sent: int = 0
    waited: float = 0.0
    waiting_since: float | None = None
    is_ended: bool = False

    async def send(self, message: Message) -> None:
        """Send, and note how long that takes."""
        clock = asyncio.get_running_loop().time
        self.waiting_since = clock()
        try:
            await self.sending(message)
        finally:
            self.waited += clock() - self.waiting_since
            self.waiting_since = None
        self.sent += len(message.get("body", b""))

    def seconds(self) -> float:
        """How long it has waited for its client, in all."""
        if self.waiting_since is None:
            return self.waited
        return self.waited + asyncio.get_running_loop().time() - self.waiting_since

    def accepted(self) -> int:
        """Bytes that the client has."""
        return max(self.sent - self.unconfirmed(), 0)

    def end(self) -> None:
        """Let it time out now."""
        log.warning(
            "Export ended for another: its client took %d bytes in %.0f s.",
            self.accepted(),
            self.seconds(),
        )
        self.is_ended = True
        if not self.limit.expired():
            self.limit.reschedule(asyncio.get_running_loop().time())


class Slots:
    """Those of one worker."""

    def __init__(self) -> None:
        self.running: set[Slot] = set()

    @contextmanager
    def taken(self, scope: Scope, send: Send, limit: asyncio.Timeout) -> Iterator[Slot | None]:
        """A slot, if need be that of the slowest client; None where none is slow."""
        if len(self.running) >= MAX_EXPORTS and not self._end_slowest():
            yield None
            return
        slot = Slot(send, scope.get("extensions", {}).get(UNCONFIRMED, int), limit)
        self.running.add(slot)
        try:
            yield slot
        finally:
            self.running.discard(slot)

    def _end_slowest(self) -> bool:
        """Whether one was slow for long enough."""
        paces = {
            slot: slot.accepted() / seconds
            for slot in self.running
            if (seconds := slot.seconds()) >= GRACE
        }
        slowest = min(paces, key=paces.__getitem__, default=None)
        if slowest is None or paces[slowest] >= MIN_PACE:
            return False
        self.running.discard(slowest)
        slowest.end()
        return True
