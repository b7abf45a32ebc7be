"""Deprecated operations and parameters, declared in one place: the table `DEPRECATIONS`.

It adds `deprecated` and `x-sunset` to the contract, and `Deprecation` (RFC 9745), `Sunset`
(RFC 8594) and a `Link` to a page about it to every response of the operation; if a parameter is
deprecated, to responses to requests with that parameter.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.http.paths import prefixed


@dataclass(frozen=True)
class Deprecation:
    """When something was deprecated, and when it may be removed."""

    since: date
    sunset: date
    more: str  # a page about the replacement: a URL, or a path on this server

    def headers(self, prefix: str) -> list[tuple[bytes, bytes]]:
        start, end = (datetime.combine(day, time(), UTC) for day in (self.since, self.sunset))
        more = f"{prefix}{self.more}" if self.more.startswith("/") else self.more
        return [
            (b"deprecation", f"@{int(start.timestamp())}".encode()),
            (b"sunset", format_datetime(end, usegmt=True).encode()),
            (b"link", f'<{more}>; rel="deprecation"; type="text/html"'.encode()),
        ]


class Part(NamedTuple):
    """An operation, or one of its parameters."""

    operation_id: str
    parameter: str | None = None


Deprecations = Mapping[Part, Deprecation]
DEPRECATIONS: Deprecations = {}  # Part("listTasks", "leaf"): Deprecation(date(…), date(…), "/docs")


def mark_deprecated(document: dict[str, Any], deprecations: Deprecations) -> None:
    """Add deprecations to the contract; raises ValueError for unknown parts and for wrong dates."""
    operations = {
        operation["operationId"]: operation
        for path in document["paths"].values()
        for operation in path.values()
    }
    for part, deprecation in deprecations.items():
        operation = operations.get(part.operation_id)
        marked = operation
        if operation and part.parameter:
            marked = _own_parameter(document, operation, part.parameter)
        if operation is None or marked is None:
            raise ValueError(f"{part} is deprecated but not in the contract")
        if deprecation.sunset <= deprecation.since:
            raise ValueError(
                f"{part} has the sunset {deprecation.sunset}, which is not after its deprecation"
            )
        marked["deprecated"] = True
        marked["x-sunset"] = deprecation.sunset.isoformat()
        operation["responses"]["200"]["headers"] |= {
            "Deprecation": _header("RFC 9745: date of the deprecation", "@1767225600"),
            "Sunset": _header(
                "RFC 8594: date from which it may be removed", "Thu, 01 Jan 2026 00:00:00 GMT"
            ),
        }


def _own_parameter(
    document: dict[str, Any], operation: dict[str, Any], name: str
) -> dict[str, Any] | None:
    """A parameter of an operation; a shared one is first replaced by a copy of its own."""
    for index, parameter in enumerate(operation["parameters"]):
        if "$ref" in parameter:
            shared = parameter["$ref"].rpartition("/")[2]
            parameter = dict(document["components"]["parameters"][shared])
        if parameter["name"] == name:
            operation["parameters"][index] = parameter
            found: dict[str, Any] = parameter
            return found
    return None


def _header(description: str, example: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}, "example": example}


class AnnounceDeprecations:
    """The layer that adds the headers, outside the response cache, so that cached responses have them."""

    def __init__(self, app: ASGIApp, document: dict[str, Any], deprecations: Deprecations) -> None:
        self.app = app
        self.parts = [
            (
                method.upper(),
                re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))),
                part.parameter,
                deprecation,
            )
            for path, operations in document["paths"].items()
            for method, operation in operations.items()
            for part, deprecation in deprecations.items()
            if operation["operationId"] == part.operation_id
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = self._headers(scope) if scope["type"] == "http" else []

        async def announce(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *headers]}
            await send(message)

        await self.app(scope, receive, announce if headers else send)

    def _headers(self, scope: Scope) -> list[tuple[bytes, bytes]]:
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        query = scope["query_string"].decode("latin-1")
        names = {name for name, _ in parse_qsl(query, keep_blank_values=True)}
        return [
            header
            for method_, path, parameter, deprecation in self.parts
            if method == method_ and path.fullmatch(scope["path"])
            if parameter is None or parameter in names
            for header in deprecation.headers(prefixed(scope, ""))
        ]
