"""The server's protocol with an application that says what it was asked, and a clock by hand."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import uvicorn
from starlette.types import Receive, Scope, Send

from app.middleware.connections import Connections, connections_of
from app.middleware.protocol import ProblemProtocol
from app.reading.export_slots import UNCONFIRMED

PIECE = b"x" * 100_000


@dataclass
class Echo:
    """The application; `/large` never ends by itself, `/held` waits for `release`."""

    sent: int = 0  # bytes of `/large`
    unconfirmed: Callable[[], int] = int  # how many of them its client has yet to take
    running: int = 0
    release: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.running += 1
        try:
            await self._respond(scope, receive, send)
        finally:
            self.running -= 1

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while scope["path"] != "/unread":
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message["body"]
            if not message["more_body"]:
                break
        if scope["path"] == "/held":
            await self.release.wait()
        start: dict[str, Any] = {"type": "http.response.start", "status": 200, "headers": []}
        if scope["path"] == "/large":
            self.unconfirmed = scope["extensions"][UNCONFIRMED]
            await send(start)
            while (await self._disconnected(receive)) is False:
                await send({"type": "http.response.body", "body": PIECE, "more_body": True})
                self.sent += len(PIECE)
            return
        names = ("method", "path", "http_version")
        said = {name: scope[name] for name in names} | {
            "query": scope["query_string"].decode(),
            "body": body.decode("latin-1"),
            "headers": [[one.decode("latin-1") for one in header] for header in scope["headers"]],
        }
        content = json.dumps(said).encode()
        if scope["path"] != "/streamed":
            start["headers"] = [(b"content-length", b"%d" % len(content))]
        await send(start)
        half = len(content) // 2
        await send({"type": "http.response.body", "body": content[:half], "more_body": True})
        await send({"type": "http.response.body", "body": content[half:]})

    async def _disconnected(self, receive: Receive) -> bool:
        try:
            async with asyncio.timeout(0):
                message = await receive()
                return bool(message["type"] == "http.disconnect")
        except TimeoutError:
            return False


@dataclass
class EchoServer:
    """A running server."""

    port: int
    app: Echo
    connections: Connections
    loop: asyncio.AbstractEventLoop

    def pass_seconds(self, seconds: int) -> None:
        """Let the server's clock go on."""
        for _ in range(seconds):
            self.call(self.connections.tick)

    def call(self, function: Any) -> None:
        """Run something in the loop of the server, and what it brings about."""
        self.loop.call_soon_threadsafe(function)
        for _ in range(2):  # a connection that was aborted is lost one turn later
            done = threading.Event()
            self.loop.call_soon_threadsafe(done.set)
            assert done.wait(10)

    def is_held_up(self) -> bool:
        """Whether no response goes on, since nobody takes it."""
        return all(
            isinstance(one, ProblemProtocol) and one.flow.write_paused
            for one in self.connections.open
        )

    def wait_until(self, condition: Any) -> None:
        """Wait for what the server does of itself."""
        until = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < until
            time.sleep(0.005)


@contextmanager
def echoing() -> Iterator[EchoServer]:
    """The server in a thread, whose clock stands still but for `pass_seconds`."""
    app = Echo()
    config = uvicorn.Config(
        app, http=ProblemProtocol, ws="none", lifespan="off", log_config=None, loop="uvloop",
        port=0, timeout_keep_alive=75, timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = uvicorn.Server(config)
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        await server.serve()

    def run() -> None:
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(serve())

    with mock.patch.object(Connections, "_each_second"):
        thread = threading.Thread(target=run)
        thread.start()
        while not server.started:
            time.sleep(0.005)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield EchoServer(port, app, connections_of(server.server_state, loops[0]), loops[0])
        server.should_exit = True
        thread.join(20)
