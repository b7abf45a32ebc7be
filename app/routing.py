"""Routes of `/v1`: parameters are parsed once and strictly, then one transaction follows.

There are three kinds: public reads, private reads and writes.  FastAPI generates the contract from
the same signatures; its own resolution of arguments takes longer than making the response.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from fastapi import Depends, Request, Response, params
from fastapi.routing import APIRoute
from pydantic import TypeAdapter, ValidationError
from starlette.requests import ClientDisconnect

from app.clock import CHINA
from app.db.engine import Reader
from app.db.lookup import Lookup
from app.db.revision import changes_apart
from app.enums import Script
from app.http.bodies import Body, read_body
from app.http.etags import VARY, entity_tag, is_known, last_modified
from app.http.languages import in_script, language_of
from app.http.media_types import JSON_TYPE
from app.http.parameters import Query, invalid_parameters, read_query
from app.http.paths import prefixed
from app.http.problems import (
    LONGEST_INSTANCE,
    MALFORMED_BODY,
    FieldError,
    MalformedRequestError,
    Message,
    TooLargeError,
    UnsupportedMediaTypeError,
)
from app.http.quotas import take
from app.reading.transaction import open_reader
from app.writing.access import Access, record_use, recording_refusals
from app.writing.idempotency import IdempotencyKey
from app.writing.keys import Caller, authenticate, presented
from app.writing.permissions import PERMISSIONS, authorise
from app.writing.unit_of_work import WriteResponse
from app.writing.write_request import WriteRequest
from app.writing.writer import Writer

Endpoint = Callable[..., Awaitable[Response]]
NO_STORE = {"Cache-Control": "no-store", "Vary": VARY}
LARGEST_BODY = 1 << 16  # bytes
LONGEST_BODY = 10.0  # seconds until its last byte
INCOMPLETE_BODY = Message(
    f"请求内容未在 {LONGEST_BODY:.0f} 秒内完整到达。",
    f"The body did not arrive completely within {LONGEST_BODY:.0f} s.",
)


async def write_request(request: Request) -> WriteRequest:
    """A marker in the signatures of operations that write; `WriteOperation` passes the value."""
    raise NotImplementedError


async def caller_of(request: Request) -> Caller:
    """A marker in the signatures of private reads; `PrivateOperation` passes the value."""
    raise NotImplementedError


WriteDep = Annotated[WriteRequest, Depends(write_request)]
CallerDep = Annotated[Caller, Depends(caller_of)]


def operation_id(route: APIRoute) -> str:
    """snake_case to camelCase: `list_tasks` to `listTasks`."""
    first, *rest = route.name.split("_")
    return first + "".join(word.capitalize() for word in rest)


class Operation(APIRoute):
    """A public read: its endpoint takes a request, a reader, path parameters and one `Query`.

    An operation without `format` has one format and ignores `Accept` (RFC 9110, section 12.5.1).
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        self.signature = _Arguments(self.endpoint)

        async def handle(request: Request) -> Response:
            arguments = self._arguments(request)
            async with request.app.state.reads.reading() as reader:
                return await self._respond(arguments, reader)

        return handle

    async def read(self, request: Request, reader: Reader) -> Response:
        """The response to a request, in a transaction that has begun."""
        return await self._respond(self._arguments(request), reader)

    def _arguments(self, request: Request) -> dict[str, Any]:
        query = read_query(self.signature.query, request.scope["query_string"])
        query.resolve_defaults(lambda: today_of(request))
        return self.signature.of(request, query)

    async def _respond(self, arguments: dict[str, Any], reader: Reader) -> Response:
        endpoint: Endpoint = self.endpoint
        return await endpoint(**arguments, **dict.fromkeys(self.signature.readers, reader))


def today_of(request: Request) -> date:
    """The date in China, for a response that changes at midnight without a write."""
    now: datetime = request.app.state.writer.clock().astimezone(CHINA)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    since = midnight.astimezone(UTC)
    changes_apart(request.scope, since, since + timedelta(days=1))
    return now.date()


class WriteOperation(APIRoute):
    """A write: its endpoint takes a `WriteRequest`, path parameters and one `Body`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        endpoint: Callable[..., Awaitable[WriteResponse]] = self.endpoint
        signature = _Arguments(endpoint)
        operation = _permitted(self)

        async def handle(request: Request) -> Response:
            access = await _authenticate(request, operation, request.app.state.recent_keys)
            read_query(Query, request.scope["query_string"])
            arguments = signature.of(request, Query())
            writer: Writer = request.app.state.writer
            async with recording_refusals(writer, access):
                authorise(operation, access.caller.role)
                received = await receive(request)
                arguments[signature.body_name] = read_body(received, signature.body)
                key = _idempotency_key(request, access.path, received)
            if_match = ", ".join(request.headers.getlist("if-match")) or None
            arguments[signature.write] = WriteRequest(writer, access, key, if_match)
            written = await endpoint(**arguments)
            headers = {**written.headers, **NO_STORE, "Content-Language": Script.HANS}
            for name in ("Location", "Content-Location"):  # stored without the prefix of a gateway
                if name in headers:
                    headers[name] = prefixed(request.scope, headers[name])
            return Response(written.body, written.status, headers, JSON_TYPE)

        return handle


class PrivateOperation(APIRoute):
    """A read that needs a permission; its endpoint takes what that of an `Operation` does, and the caller."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        return _private_handler(self)


class PartlyPrivateOperation(Operation):
    """A read that needs a permission if its `Query` has `is_private`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        public, private = super().get_route_handler(), _private_handler(self)

        async def handle(request: Request) -> Response:
            query = read_query(self.signature.query, request.scope["query_string"])
            return await (private if query.is_private else public)(request)

        return handle

    def _arguments(self, request: Request) -> dict[str, Any]:
        """Those of a public request, which has no caller."""
        return super()._arguments(request) | dict.fromkeys(self.signature.callers)


def _private_handler(route: APIRoute) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    endpoint: Endpoint = route.endpoint
    signature = _Arguments(endpoint)
    operation = _permitted(route)

    async def handle(request: Request) -> Response:
        access = await _authenticate(request, operation, request.app.state.keys)
        query = read_query(signature.query, request.scope["query_string"])
        arguments = signature.of(request, query)
        arguments |= dict.fromkeys(signature.callers, access.caller)
        writer: Writer = request.app.state.writer
        async with recording_refusals(writer, access):
            authorise(operation, access.caller.role)
            async with request.app.state.database.reading() as reader:
                arguments |= dict.fromkeys(signature.readers, reader)
                response = await endpoint(**arguments)
        await record_use(writer, access)
        return _private(request, response, writer.clock())

    return handle


async def _authenticate(request: Request, operation: str, keys: Lookup) -> Access:
    """The caller, by the key; raises UnauthorizedError before any other work for an invalid key."""
    key = presented(request.headers.get("authorization"))
    path: str = request.scope["raw_path"].decode("ascii", "replace")[:LONGEST_INSTANCE]
    writer: Writer = request.app.state.writer
    state = request.app.state
    home = state.settings.home_jurisdiction
    caller = await authenticate(keys, key, writer.secret, writer.clock(), home)
    await take(request.scope, "key", caller.key_id)
    return Access(operation, path, key, caller)


async def receive(request: Request, expected: str = JSON_TYPE) -> bytes:
    """The body; raises ApiError if it is of another type, too large or too slow."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != expected:
        raise UnsupportedMediaTypeError
    received = bytearray()
    try:
        async with asyncio.timeout(LONGEST_BODY):
            async for chunk in request.stream():
                received += chunk
                if len(received) > LARGEST_BODY:
                    raise TooLargeError
    except (TimeoutError, ClientDisconnect):
        errors = [FieldError("body", "body", INCOMPLETE_BODY)]
        raise MalformedRequestError(MALFORMED_BODY, errors) from None
    return bytes(received)


def _idempotency_key(request: Request, path: str, body: bytes) -> IdempotencyKey | None:
    """The Idempotency-Key of a POST; `If-Match` makes other writes safe to repeat."""
    if request.method != "POST":
        return None
    header = request.headers.get("idempotency-key")
    return IdempotencyKey.of(header, request.method, path, body)


def _private(request: Request, response: Response, now: datetime) -> Response:
    """The response in the client's language, not cached by the service; 304 if the client has it."""
    language = language_of(request.scope)
    body = in_script(bytes(response.body).decode(), language).encode()
    etag = entity_tag(body, "-hant" if language is Script.HANT else "")
    headers = {**NO_STORE, "ETag": etag, "Last-Modified": last_modified(now)}
    headers["Content-Language"] = language
    if "Link" in response.headers:
        headers["Link"] = response.headers["Link"]
    if is_known(request.headers, etag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=JSON_TYPE)


def _permitted(route: APIRoute) -> str:
    """The operation of a route; raises LookupError if it has no entry in PERMISSIONS."""
    operation = operation_id(route)
    if operation not in PERMISSIONS:
        raise LookupError(f"{operation} needs a key but has no entry in app/writing/permissions.py")
    return operation


class _Arguments:
    """The arguments of an endpoint, by its signature."""

    def __init__(self, endpoint: Callable[..., Any]) -> None:
        self.query: type[Query] = Query
        self.write = self.body_name = ""
        self.body: type[Body] = Body
        self.queries: list[str] = []
        self.readers: list[str] = []
        self.requests: list[str] = []
        self.callers: list[str] = []
        self.in_path: dict[str, TypeAdapter[Any]] = {}
        for name, hint in get_type_hints(endpoint, include_extras=True).items():
            kind, *marks = get_args(hint) if get_origin(hint) is Annotated else (hint,)
            if kind is Request:
                self.requests.append(name)
            elif kind is Caller:
                self.callers.append(name)
            elif any(isinstance(m, params.Depends) and m.dependency is open_reader for m in marks):
                self.readers.append(name)
            elif any(isinstance(mark, params.Query) for mark in marks):
                self.query = kind
                self.queries.append(name)
            elif kind is WriteRequest:
                self.write = name
            elif isinstance(kind, type) and issubclass(kind, Body):
                self.body_name, self.body = name, kind
            elif name != "return":
                self.in_path[name] = TypeAdapter(hint)  # with the bounds that it declares

    def of(self, request: Request, query: Query) -> dict[str, Any]:
        arguments: dict[str, Any] = dict.fromkeys(self.requests, request)
        arguments |= dict.fromkeys(self.queries, query)
        for name, kind in self.in_path.items():
            try:
                arguments[name] = kind.validate_python(request.path_params[name])
            except ValidationError as invalid:
                errors = [{**error, "loc": (name,)} for error in invalid.errors()]
                raise invalid_parameters("path", errors) from None
        return arguments
