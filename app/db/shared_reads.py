"""Reads that wait for each other share the next one."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Generic, TypeVar

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")
Read = Callable[[set[KeyT]], Awaitable[Mapping[KeyT, ValueT]]]


class SharedReads(Generic[KeyT, ValueT]):
    """Reads that arrive during one are made together by the next.

    Never by the current one, which may have begun before a write that the client knows of.
    """

    def __init__(self, read: Read[KeyT, ValueT]) -> None:
        self.read = read
        self.waiting: list[tuple[KeyT, asyncio.Future[ValueT | None]]] = []
        self.serving: asyncio.Task[None] | None = None

    async def get(self, key: KeyT) -> ValueT | None:
        """What the read found for this key; raises what it raises."""
        waiter: asyncio.Future[ValueT | None] = asyncio.get_running_loop().create_future()
        self.waiting.append((key, waiter))
        if self.serving is None or self.serving.done():
            self.serving = asyncio.create_task(self._serve())
        return await waiter

    async def _serve(self) -> None:
        while self.waiting:
            waiting, self.waiting = self.waiting, []
            try:
                found = await self.read({key for key, _ in waiting})
            except BaseException as error:
                for _, waiter in waiting:
                    if not waiter.done():  # the client may have disconnected
                        waiter.set_exception(error)
                if not isinstance(error, Exception):
                    raise
            else:
                for key, waiter in waiting:
                    if not waiter.done():
                        waiter.set_result(found.get(key))
