"""What will be taken away, announced from one place: the table `DEPRECATIONS`.

From it come `deprecated` and `x-sunset` in the contract, and on every answer of the operation
`Deprecation` (RFC 9745), `Sunset` (RFC 8594) and a `Link` to what says more; where it is a
parameter that will go, on the answers to requests that have it.
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
    """Since when something is not to be used for new work, and from when on it may be gone."""

    since: date
    sunset: date
    more: str  # a page that says what to use in its place: a URL, or a path on this server

    def headers(self, prefix: str) -> list[tuple[bytes, bytes]]:
        start, end = (datetime.combine(day, time(), UTC) for day in (self.since, self.sunset))
        more = f"{prefix}{self.more}" if self.more.startswith("/") else self.more
        return [
            (b"deprecation", f"@{int(start.timestamp())}".encode()),
            (b"sunset", format_datetime(end, usegmt=True).encode()),
            (b"link", f'<{more}>; rel="deprecation"; type="text/html"'.encode()),
        ]


class Part(NamedTuple):
    """An operation, or one parameter of it."""

    operation_id: str
    parameter: str | None = None


Deprecations = Mapping[Part, Deprecation]
DEPRECATIONS: Deprecations = {}  # Part("listTasks", "leaf"): Deprecation(date(…), date(…), "/docs")


def mark_deprecated(document: dict[str, Any], deprecations: Deprecations) -> None:
    """Say it in the contract; raises ValueError for what is not there or ends before it begins."""
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
            raise ValueError(f"{part} is deprecated and not in the contract")
        if deprecation.sunset <= deprecation.since:
            raise ValueError(f"{part} ends on {deprecation.sunset}, before its deprecation begins")
        marked["deprecated"] = True
        marked["x-sunset"] = deprecation.sunset.isoformat()
        operation["responses"]["200"]["headers"] |= {
            "Deprecation": _header("RFC 9745: since when this is deprecated", "@1767225600"),
            "Sunset": _header(
                "RFC 8594: from when on it may be gone", "Thu, 01 Jan 2026 00:00:00 GMT"
            ),
        }


def _own_parameter(
    document: dict[str, Any], operation: dict[str, Any], name: str
) -> dict[str, Any] | None:
    """A parameter of an operation, as its own where it was shared with others."""
    for place, parameter in enumerate(operation["parameters"]):
        if "$ref" in parameter:
            shared = parameter["$ref"].rpartition("/")[2]
            parameter = dict(document["components"]["parameters"][shared])
        if parameter["name"] == name:
            operation["parameters"][place] = parameter
            found: dict[str, Any] = parameter
            return found
    return None


def _header(description: str, example: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}, "example": example}


class AnnounceDeprecations:
    """The layer that adds the headers, outside what is kept, so that kept answers have them, too."""

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
        given = {name for name, _ in parse_qsl(query, keep_blank_values=True)}
        return [
            header
            for of_method, path, parameter, deprecation in self.parts
            if method == of_method and path.fullmatch(scope["path"])
            if parameter is None or parameter in given
            for header in deprecation.headers(prefixed(scope, ""))
        ]
