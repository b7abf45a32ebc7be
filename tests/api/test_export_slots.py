"""Exports to clients that read slowly: who gives up a slot for another, and when."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from app.main import create_app
from app.reading.export_slots import UNCONFIRMED
from app.reading.exports import Export
from app.settings import Settings

HELD_AFTER = 2  # pieces of a body that a slow client takes before it lets the server wait


@dataclass
class Client:
    """A client that may stop reading; `unconfirmed` bytes are still on their way to it."""

    format: str
    unconfirmed: int = 0
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)
    waits: asyncio.Event = field(default_factory=asyncio.Event)
    messages: list[Any] = field(default_factory=list)

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    @property
    def pieces(self) -> list[bytes]:
        return [one["body"] for one in self.messages if one["type"] == "http.response.body"]

    @property
    def is_whole(self) -> bool:
        return not self.messages[-1].get("more_body")

    async def send(self, message: Any) -> None:
        if len(self.pieces) == HELD_AFTER:
            self.waits.set()
            await self.goes_on.wait()
        self.messages.append(message)

    async def receive(self) -> Any:
        return await asyncio.Future()

    def scope(self) -> dict[str, Any]:
        return {
            "type": "http", "method": "GET", "path": "/v1/tasks", "raw_path": b"/v1/tasks",
            "query_string": b"format=%b" % self.format.encode(), "headers": [],
            "http_version": "1.1", "root_path": "", "scheme": "http", "server": ("x", 80),
            "client": ("x", 1), "extensions": {UNCONFIRMED: lambda: self.unconfirmed},
        }  # fmt: skip


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces so small that every format has many."""
    monkeypatch.setattr("app.reading.paging.BATCH", 10)
    monkeypatch.setattr("app.reading.exports.CHUNK", 1000)


@pytest.mark.parametrize("format_", ["ndjson", "csv", "xlsx"])
@pytest.mark.parametrize(
    ("grace", "pace", "ended"),
    [
        pytest.param(0, 1e12, True, id="slow"),
        pytest.param(1e6, 1e12, False, id="slow, but not for long"),
        pytest.param(0, 0, False, id="fast enough"),
    ],
)
def test_the_slowest_client_gives_up_its_slot_where_another_asks(
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    format_: str,
    grace: float,
    pace: float,
    ended: bool,
) -> None:
    monkeypatch.setattr("app.reading.export_slots.GRACE", grace)
    monkeypatch.setattr("app.reading.export_slots.MIN_PACE", pace)
    app = create_app(Settings(database_url=database_url, webhook_delivery=False))

    async def ask() -> tuple[Client, Client, Client]:
        slow, slowest = Client(format_), Client(format_, unconfirmed=1 << 30)
        other = Client("ndjson")
        other.goes_on.set()
        async with app.router.lifespan_context(app), asyncio.TaskGroup() as tasks:
            for client in (slow, slowest):
                tasks.create_task(app(client.scope(), client.receive, client.send))
                await client.waits.wait()
            await app(other.scope(), other.receive, other.send)
            slow.goes_on.set()
            slowest.goes_on.set()
        return slow, slowest, other

    slow, slowest, other = asyncio.run(ask())
    assert other.status == (200 if ended else 503)
    assert other.is_whole
    assert slow.is_whole
    assert slowest.is_whole is not ended
    assert len(slowest.pieces) == HELD_AFTER if ended else slowest.pieces[:3] == slow.pieces[:3]
    assert not Export.slots.running


def test_what_the_service_takes_to_read_counts_for_no_client(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that waits for the service accepts nothing, and is not slow."""
    monkeypatch.setattr("app.reading.export_slots.MAX_EXPORTS", 1)
    monkeypatch.setattr("app.reading.export_slots.GRACE", 1e-9)
    monkeypatch.setattr("app.reading.export_slots.MIN_PACE", 1e12)
    app = create_app(Settings(database_url=database_url, webhook_delivery=False))
    at_work, goes_on = asyncio.Event(), asyncio.Event()
    write_workbook = Export._write_workbook

    async def writing(self: Export, *given: Any) -> bool:
        at_work.set()
        await goes_on.wait()
        return await write_workbook(self, *given)

    monkeypatch.setattr(Export, "_write_workbook", writing)
    waiting, other = Client("xlsx"), Client("ndjson")
    waiting.goes_on.set()
    other.goes_on.set()

    async def ask() -> None:
        async with app.router.lifespan_context(app), asyncio.TaskGroup() as tasks:
            tasks.create_task(app(waiting.scope(), waiting.receive, waiting.send))
            await at_work.wait()
            await app(other.scope(), other.receive, other.send)
            goes_on.set()

    asyncio.run(ask())
    assert other.status == 503
    assert waiting.status == 200
    assert waiting.is_whole
