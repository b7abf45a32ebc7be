"""One observation a request: its duration, route template, status, and whether it was cached."""

import logging
from collections.abc import Awaitable, Sequence
from time import perf_counter
from typing import Any

from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.telemetry.metrics import Metrics

SEEN = "workplan.seen"  # the key in a scope
METHODS = frozenset(("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"))
OTHER = "other"
UNMATCHED = "unmatched"  # a path without a route; the path itself would make a label without bounds
REQUEST_ID = b"x-request-id"
Headers = list[tuple[bytes, bytes]]
log = logging.getLogger("app.requests")


class Seen:
    """What the layers of a request note about it."""

    __slots__ = ("cache", "headers", "route", "send", "status")

    def __init__(self, send: Send) -> None:
        self.send = send
        self.route = UNMATCHED
        self.cache = "none"  # or `hit`, `miss`
        self.status = 0  # 0 if the client left before a response began
        self.headers: Headers = []

    def pass_on(self, message: Message) -> Awaitable[None]:
        """Send a message; no coroutine of its own, since each request would pay for it."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = message["headers"]
        return self.send(message)


async def _ignore(message: Message) -> None:
    """Send nothing."""


def seen_of(scope: Scope) -> Seen:
    """The notes of a request; new ones where nobody observes, as in tests of one layer."""
    found: Seen | None = scope.get(SEEN)
    return Seen(_ignore) if found is None else found


class Observe:
    """The outermost layer: measures a request, and logs it."""

    def __init__(self, app: ASGIApp, metrics: Metrics, *, logs_all: bool) -> None:
        self.app = app
        self.metrics = metrics
        self.logs_all = logs_all

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = perf_counter()
        seen = scope[SEEN] = Seen(send)
        try:
            await self.app(scope, receive, seen.pass_on)
        finally:
            seconds = perf_counter() - began
            # Its `send` refers to the scope: a cycle that garbage collection would pay for.
            del scope[SEEN]
            method = scope["method"]
            self.metrics.observe(
                (method if method in METHODS else OTHER, seen.route, seen.status, seen.cache),
                seconds,
            )
            if self.logs_all or seen.status >= 500:
                _log(method, seen, seconds)


def _log(method: str, seen: Seen, seconds: float) -> None:
    """One line.

    It has neither path and query, which may name people or hold a key sent in the wrong place, nor
    the client's address: a proxy in front knows that.
    """
    fields: dict[str, Any] = {
        "method": method if method in METHODS else OTHER,
        "route": seen.route,
        "status": seen.status,
        "duration_ms": round(seconds * 1000, 3),
        "cache": seen.cache,
        "request_id": next((v.decode() for n, v in seen.headers if n.lower() == REQUEST_ID), None),
    }
    log.log(logging.ERROR if seen.status >= 500 else logging.INFO, "request", extra=fields)


class NoteRoute:
    """The innermost layer: notes which route a request had.

    FastAPI names the routes of operations in the scope, as they are in their own router, which may
    be included under a prefix; of all others only the endpoint.
    """

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self.app = app
        self.operations = {id(one.original_route): one.path for one in iter_route_contexts(routes)}
        self.others: dict[Any, str] = {
            one.endpoint: one.path for one in routes if isinstance(one, Route)
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        finally:
            route = scope.get("route")
            path = self.operations[id(route)] if route else self.others.get(scope.get("endpoint"))
            if path is not None:
                seen_of(scope).route = path
