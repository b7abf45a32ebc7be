"""Operations of `/v1`: parameters read once and strictly, then one read-only transaction.

FastAPI takes the contract from the same signatures; its own way to the arguments costs more than
the answer does.
"""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from fastapi import Request, Response, params
from fastapi.routing import APIRoute
from pydantic import TypeAdapter, ValidationError

from app.access import open_reader
from app.parameters import Query, invalid_parameters, read_query
from app.representations import JSON_TYPE, chosen

Endpoint = Callable[..., Awaitable[Response]]
JSON_ONLY = {"json": JSON_TYPE}


class Operation(APIRoute):
    """A route whose endpoint takes a request, a reader, path parameters and one `Query`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        endpoint: Endpoint = self.endpoint
        takes = _Arguments(endpoint)

        async def handle(request: Request) -> Response:
            query = read_query(takes.query, request.scope["query_string"])
            if "format" not in takes.query.model_fields:
                chosen(request, None, JSON_ONLY)
            given = takes.of(request, query)
            async with request.app.state.database.reading() as reader:
                for name in takes.readers:
                    given[name] = reader
                return await endpoint(**given)

        return handle


class _Arguments:
    """What an endpoint takes, by its signature."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.query: type[Query] = Query
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
