"""The service without a server: raw requests to the ASGI application."""

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from fastapi import FastAPI
from sqlalchemy import Engine, event
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message

from app.main import create_app
from app.settings import Settings
from tests.support.practice import NOW


@dataclass(frozen=True)
class Raw:
    """A request as bytes."""

    path: bytes
    query: bytes = b""
    method: str = "GET"
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""


@dataclass
class Answer:
    """What came back; `crashed` is what the application raised at its server."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    crashed: Exception | None = None

    def header(self, name: bytes) -> bytes | None:
        return dict(self.headers).get(name)


async def ask(app: ASGIApp, raw: Raw) -> Answer:
    """One request, its scope made as the server makes it."""
    answer = Answer()
    chunks = []

    async def receive() -> Message:
        return {"type": "http.request", "body": raw.body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status, answer.headers = message["status"], list(message["headers"])
        else:
            chunks.append(message.get("body", b""))

    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1",
        "server": ("127.0.0.1", 8000), "client": ("127.0.0.1", 1), "scheme": "http",
        "root_path": "", "headers": list(raw.headers), "state": {}, "method": raw.method,
        "path": unquote(raw.path.decode("latin-1")), "raw_path": raw.path,
        "query_string": raw.query,
    }  # fmt: skip
    try:
        await app(scope, receive, send)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
        answer.crashed = error
    answer.body = b"".join(chunks)
    return answer


def ask_each(client: TestClient, raws: Iterable[Raw]) -> list[Answer]:
    """Many requests to what a client asks, with no change of threads for each."""

    async def ask_all() -> list[Answer]:
        return [await ask(client.app, raw) for raw in raws]

    assert client.portal
    return client.portal.call(ask_all)


@dataclass(frozen=True)
class Service:
    """The application on one loaded database."""

    kind: str
    app: FastAPI
    url: str
    runner: asyncio.Runner

    def ask(self, raw: Raw) -> Answer:
        # `Runner.run` would write each request into a message about signals, and throw it away.
        return self.runner.get_loop().run_until_complete(ask(self.app, raw))

    def json(self, path: str, query: str = "") -> Any:
        return json.loads(self.ask(Raw(path.encode(), query.encode())).body)


Ask = Callable[[Raw], list[Answer]]


@contextmanager
def asking(services: list[Service], engine: Engine, also: Raw | None = None) -> Iterator[Ask]:
    """Asks all databases, but only the first for what is refused without any.

    That is where its engine is asked nothing, or only what it is asked for `also`.
    """
    first, *others = services
    statements: set[str] = set()
    always: frozenset[str] = frozenset()

    def on_statement(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.add(statement)

    def ask(raw: Raw) -> list[Answer]:
        statements.clear()
        answer = first.ask(raw)
        if answer.status >= 400 and statements <= always:
            return [answer]
        return [answer, *(service.ask(raw) for service in others)]

    event.listen(engine, "before_cursor_execute", on_statement)
    try:
        if also:
            first.ask(also)
            always = frozenset(statements)
        yield ask
    finally:
        event.remove(engine, "before_cursor_execute", on_statement)


@contextmanager
def alive(urls: dict[str, str], settings: Settings) -> Iterator[list[Service]]:
    """The application on these databases."""
    with asyncio.Runner() as runner:
        found, ending = [], []
        for kind, url in urls.items():
            app = create_app(settings.model_copy(update={"database_url": url}), clock=lambda: NOW)
            life = app.router.lifespan_context(app)
            runner.run(life.__aenter__())
            ending.append(life)
            found.append(Service(kind, app, url, runner))
        yield found
        for life in ending:
            runner.run(life.__aexit__(None, None, None))
