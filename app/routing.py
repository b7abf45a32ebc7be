"""Operations of `/v1`: parameters read once and strictly, then one transaction.

FastAPI takes the contract from the same signatures; its own way to the arguments costs more than
the answer does.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from fastapi import Depends, Request, Response, params
from fastapi.routing import APIRoute
from pydantic import TypeAdapter, ValidationError
from starlette.requests import ClientDisconnect

from app.clock import today
from app.enums import Script
from app.http.bodies import Body
from app.http.etags import VARY, is_known
from app.http.media_types import JSON_TYPE
from app.http.parameters import Query, invalid_parameters, read_query
from app.http.paths import prefixed
from app.http.problems import (
    LONGEST_INSTANCE,
    ApiError,
    FieldError,
    MalformedRequestError,
    TooLargeError,
    UnsupportedMediaTypeError,
    Words,
)
from app.reading.transaction import open_reader
from app.writing.keys import presented, refuse_unknown
from app.writing.permissions import PERMISSIONS
from app.writing.unit_of_work import Attempt, Shown, Stored, Write, Writer

Endpoint = Callable[..., Awaitable[Response]]
UNKEPT = {"Cache-Control": "no-store", "Vary": VARY, "Content-Language": Script.HANS}
LARGEST_BODY = 1 << 16  # bytes
LONGEST_BODY = 10.0  # seconds until its last byte
NOT_WHOLE = Words(
    f"请求内容未在 {LONGEST_BODY:.0f} 秒内完整到达。",
    f"The body did not arrive whole within {LONGEST_BODY:.0f} s.",
)


async def in_transaction(request: Request) -> Write:
    """In the signatures of operations that need a key; their route classes give it to them."""
    raise NotImplementedError


WriteDep = Annotated[Write, Depends(in_transaction)]


def operation_id(route: APIRoute) -> str:
    """`list_tasks` is `listTasks`."""
    first, *rest = route.name.split("_")
    return first + "".join(word.capitalize() for word in rest)


class Operation(APIRoute):
    """A route whose endpoint takes a request, a reader, path parameters and one `Query`.

    What has no `format` has one form, which is given whatever `Accept` says (RFC 9110, 12.5.1).
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        endpoint: Endpoint = self.endpoint
        takes = _Arguments(endpoint)

        async def handle(request: Request) -> Response:
            query = read_query(takes.query, request.scope["query_string"])
            query.resolve_defaults(lambda: today(request))
            given = takes.of(request, query)
            async with request.app.state.database.reading() as reader:
                for name in takes.readers:
                    given[name] = reader
                return await endpoint(**given)

        return handle


class WriteOperation(APIRoute):
    """A route whose endpoint takes a `Write`, path parameters and one `Body`, and gives `Stored`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        endpoint: Callable[..., Stored] = self.endpoint
        takes = _Arguments(endpoint)
        operation = _permitted(self)

        async def handle(request: Request) -> Response:
            key = await _known_key(request)
            read_query(Query, request.scope["query_string"])
            given = takes.of(request, Query())

            def command(write: Write, body: Body) -> Stored:
                return endpoint(**given, **{takes.write: write, takes.body_name: body})

            attempt = Attempt(
                operation,
                request.method,
                _path_of(request),
                key,
                request.headers.get("idempotency-key"),
                ", ".join(request.headers.getlist("if-match")) or None,
                await _body_of(request),
                takes.body,
                command,
            )
            writer: Writer = request.app.state.writer
            answer = await writer.write(attempt)
            headers = {**answer.headers, **UNKEPT}
            for name in ("Location", "Content-Location"):  # stored as they are without a gateway
                if name in headers:
                    headers[name] = prefixed(request.scope, headers[name])
            return Response(answer.body, answer.status, headers, JSON_TYPE)

        return handle


class PrivateOperation(APIRoute):
    """A route that reads what only some may: takes a `Write` that it writes nothing with, gives `Shown`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        endpoint: Callable[..., Shown] = self.endpoint
        takes = _Arguments(endpoint)
        operation = _permitted(self)

        async def handle(request: Request) -> Response:
            key = await _known_key(request)
            query = read_query(takes.query, request.scope["query_string"])
            given = takes.of(request, query)

            def command(write: Write, body: Body) -> Shown:
                return endpoint(**given, **{takes.write: write})

            attempt = Attempt(
                operation, "GET", _path_of(request), key, None, None, b"", Body, command
            )
            writer: Writer = request.app.state.writer
            answer = await writer.write(attempt)
            headers = {**answer.headers, **UNKEPT}
            if is_known(request.headers, answer.headers["ETag"]):
                return Response(status_code=304, headers=headers)
            return Response(answer.body, answer.status, headers, JSON_TYPE)

        return handle


async def _known_key(request: Request) -> str:
    """The key of a request; raises UnauthorizedError where it does not hold."""
    key = presented(request.headers.get("authorization"))
    writer: Writer = request.app.state.writer
    async with request.app.state.database.reading() as reader:
        await refuse_unknown(reader, key, writer.secret, writer.clock())
    return key


def _permitted(route: APIRoute) -> str:
    """The operation of a route; raises LookupError where nobody says who may do it."""
    operation = operation_id(route)
    if operation not in PERMISSIONS:
        raise LookupError(
            f"{operation} needs a key, and app/writing/permissions.py does not say whose"
        )
    return operation


def _path_of(request: Request) -> str:
    """For the audit log."""
    path: str = request.scope["raw_path"].decode("ascii", "replace")[:LONGEST_INSTANCE]
    return path


async def _body_of(request: Request) -> bytes | ApiError:
    """The body as it came, or what is wrong with it, which is told to those who may write."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != JSON_TYPE:
        return UnsupportedMediaTypeError()
    received = bytearray()
    try:
        async with asyncio.timeout(LONGEST_BODY):
            async for chunk in request.stream():
                received += chunk
                if len(received) > LARGEST_BODY:
                    return TooLargeError()
    except (TimeoutError, ClientDisconnect):
        return MalformedRequestError(errors=[FieldError("body", "body", NOT_WHOLE)])
    return bytes(received)


class _Arguments:
    """What an endpoint takes, by its signature."""

    def __init__(self, endpoint: Callable[..., Any]) -> None:
        self.query: type[Query] = Query
        self.write = self.body_name = ""
        self.body: type[Body] = Body
        self.queries: list[str] = []
        self.readers: list[str] = []
        self.requests: list[str] = []
        self.in_path: dict[str, TypeAdapter[Any]] = {}
        for name, hint in get_type_hints(endpoint, include_extras=True).items():
            kind, *marks = get_args(hint) if get_origin(hint) is Annotated else (hint,)
            if kind is Request:
                self.requests.append(name)
            elif any(isinstance(m, params.Depends) and m.dependency is open_reader for m in marks):
                self.readers.append(name)
            elif any(isinstance(mark, params.Query) for mark in marks):
                self.query = kind
                self.queries.append(name)
            elif kind is Write:
                self.write = name
            elif isinstance(kind, type) and issubclass(kind, Body):
                self.body_name, self.body = name, kind
            elif name != "return":
                self.in_path[name] = TypeAdapter(kind)

    def of(self, request: Request, query: Query) -> dict[str, Any]:
        given: dict[str, Any] = dict.fromkeys(self.requests, request)
        given |= dict.fromkeys(self.queries, query)
        for name, kind in self.in_path.items():
            try:
                given[name] = kind.validate_python(request.path_params[name])
            except ValidationError as invalid:
                errors = [{**error, "loc": (name,)} for error in invalid.errors()]
                raise invalid_parameters("path", errors) from None
        return given
