"""Handled before routing, in plain ASGI: URL encoding, HEAD, OPTIONS.

`HEAD` works for every path with `GET`, and `OPTIONS` returns an exact `Allow` (RFC 9110, section 9).
"""

import re
from collections.abc import Callable, Sequence
from random import getrandbits
from urllib.parse import unquote_to_bytes

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.http.negotiation import HEADERS_ONLY
from app.http.paths import prefixed
from app.http.problems import ApiError, MalformedRequestError, MethodNotAllowedError

BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
BEYOND_ASCII = re.compile(rb"[\x80-\xff]|%[89A-Fa-f]")
UUID_VERSION_4 = 0x4000_8000_0000_0000_0000
UUID_MASK = (1 << 128) - 1 - 0xF000_C000_0000_0000_0000
# A UUID, or the id of a proxy (nginx) or a trace: 32 hexadecimal digits.
REQUEST_ID = re.compile(rb"[0-9A-Fa-f]{32}|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def new_request_id() -> str:
    """A random UUID (RFC 9562, version 4) in hexadecimal; an identifier, not a secret."""
    return f"{getrandbits(128) & UUID_MASK | UUID_VERSION_4:032x}"


def is_request_id(header: bytes) -> bool:
    """Whether a request id from the client or a proxy is well-formed, so that it is safe to echo."""
    return REQUEST_ID.fullmatch(header) is not None


def request_id_of(header: str) -> str:
    """The request id in a header, or a new one if it is invalid."""
    return header if is_request_id(header.encode("latin-1")) else new_request_id()


def allowed_methods(routes: Sequence[BaseRoute], scope: Scope) -> list[str]:
    """The methods that routes support at this path; empty if there is no route."""
    # Within a mount `root_path` has the path of the mount; `app_root_path` is the original one.
    root = scope.get("app_root_path", scope.get("root_path", ""))
    scope = {**scope, "root_path": root, "method": "GET"}
    at_path = [route for route in routes if route.matches(scope)[0] is not Match.NONE]
    allowed = [
        method
        for method in METHODS
        if any(
            route.matches({**scope, "method": method})[0] is Match.FULL
            for route in at_path
            if method == "GET" or not isinstance(route, Mount)  # files can only be read
        )
    ]
    if "GET" in allowed:
        allowed.insert(1, "HEAD")
    return [*allowed, "OPTIONS"] if allowed else []


def method_not_allowed(routes: Sequence[BaseRoute], scope: Scope) -> MethodNotAllowedError:
    """The problem for a method that the path does not support, with all methods that it supports."""
    return MethodNotAllowedError(headers={"Allow": ", ".join(allowed_methods(routes, scope))})


def without_slash(routes: Sequence[BaseRoute], scope: Scope) -> Response | None:
    """A redirect to the path without its trailing slash, if only that path has a route.

    The client repeats method and body (RFC 9110, section 15.4.9); the location is a path on this
    host.
    """
    raw: bytes = scope.get("raw_path") or b""
    if not raw.endswith(b"/") or not allowed_methods(routes, {**scope, "path": scope["path"][:-1]}):
        return None
    query: bytes = scope["query_string"]
    target = raw[:-1] + (b"?" + query if query else b"")
    location = prefixed(scope, target.decode("latin-1"))  # bytes of a header, unchanged
    return Response(status_code=308, headers={"Location": location})


class RefuseUndecodable:
    """400 for a path or query that is not percent-encoded UTF-8, before it is decoded."""

    def __init__(self, app: ASGIApp, refuse: Callable[[Request, ApiError], Response]) -> None:
        self.app = app
        self.refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            raw_path = scope.get("raw_path") or b""
            for encoded in (raw_path, scope["query_string"]):
                if not _is_decodable(encoded):
                    refused = self.refuse(Request(scope), MalformedRequestError())
                    await refused(scope, receive, send)
                    return
        await self.app(scope, receive, send)


def _is_decodable(encoded: bytes) -> bool:
    if BAD_ESCAPE.search(encoded):
        return False
    if not BEYOND_ASCII.search(encoded):
        return True
    try:
        unquote_to_bytes(encoded).decode()
    except UnicodeDecodeError:
        return False
    return True


class HeadAndOptions:
    """Handles HEAD as GET without a body, and OPTIONS with the methods of a path."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self.app = app
        self.routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"] if scope["type"] == "http" else ""
        if method == "OPTIONS" and (allowed := allowed_methods(self.routes, scope)):
            response = Response(status_code=204, headers={"Allow": ", ".join(allowed)})
            await response(scope, receive, send)
        elif method == "HEAD":
            await self.app(_without_range(as_get(scope)), receive, without_body(send))
        elif method:
            await self.app(_without_range(scope), receive, send)
        else:
            await self.app(scope, receive, send)


def _without_range(scope: Scope) -> Scope:
    """The request without `Range`, which a server may ignore (RFC 9110, section 14.2)."""
    headers = [(name, value) for name, value in scope["headers"] if name != b"range"]
    return scope if len(headers) == len(scope["headers"]) else {**scope, "headers": headers}


def as_get(scope: Scope) -> Scope:
    """A HEAD request as GET; `HEADERS_ONLY` shows operations that no body is needed."""
    return {**scope, "method": "GET", HEADERS_ONLY: True}


def without_body(send: Send) -> Send:
    """Sends a response to GET without its body, for HEAD."""

    async def send_headers_only(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return send_headers_only
