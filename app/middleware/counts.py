"""How often each client or key asked in the current window: in memory, or in Redis for all workers.

`limits` counts in Redis and parses the notation.  Its own memory has no bound on clients, so ours is
used there.
"""

import logging
import time
from collections.abc import Callable
from typing import Protocol

from limits.aio.storage import RedisStorage
from limits.errors import StorageError
from limits.storage import storage_from_string

from app.reading.bounded import BoundedMap

MOST_BYTES = 8_000_000  # of counts in memory, about 15,000 clients
PART = 100  # bytes of a key and its value
REDIS_TIMEOUT = 0.25  # seconds
REST = 1.0  # seconds in which Redis is not asked after it failed
log = logging.getLogger("app")


class Counts(Protocol):
    """The count of a key in its window, and the seconds until it ends: never more than it has."""

    async def add(self, key: str, window: int, amount: int) -> tuple[int, float]: ...


class InMemory:
    """The counts of one worker; beyond `MOST_BYTES` the least recent clients are forgotten."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.windows: BoundedMap[str, tuple[int, float]] = BoundedMap(MOST_BYTES)

    async def add(self, key: str, window: int, amount: int) -> tuple[int, float]:
        now = self.clock()
        count, end = self.windows.get(key) or (0, 0.0)
        if end <= now:
            count, end = 0, now + window
        count = max(count + amount, 0)
        self.windows.put(key, (count, end), len(key) + PART)
        return count, min(end - now, window)  # the difference of sums may be rounded up


class InRedis:
    """The counts of all workers and machines; while Redis fails, each worker counts by itself."""

    def __init__(self, url: str) -> None:
        storage = storage_from_string(
            f"async+{url}",
            implementation="redispy",
            wrap_exceptions=True,
            socket_timeout=REDIS_TIMEOUT,
            socket_connect_timeout=REDIS_TIMEOUT,
        )
        assert isinstance(storage, RedisStorage)  # noqa: S101 - by its URL
        self.storage = storage
        self.alone = InMemory()
        self.asks_again_at = 0.0

    async def add(self, key: str, window: int, amount: int) -> tuple[int, float]:
        if time.monotonic() >= self.asks_again_at:
            try:
                count = await self.storage.incr(key, window, amount)
                end = await self.storage.get_expiry(key)
            except StorageError as error:
                self.asks_again_at = time.monotonic() + REST
                log.error("rate limits, Redis: %s", type(error.storage_error).__name__)
            else:
                return max(count, 0), min(max(end - time.time(), 0.0), window)
        return await self.alone.add(key, window, amount)
