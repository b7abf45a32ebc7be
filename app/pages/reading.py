"""The data of pages: responses of `/v1`, read within the snapshot of the page.

So a page shows what its JSON shows, costs the same statements, and can name where its data are.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request, Response

from app.db.engine import Reader
from app.http.negotiation import HEADERS_ONLY
from app.kinds.document import Document
from app.kinds.kind import Kind
from app.resources.agencies import routes as agencies
from app.resources.assessments import routes as assessments
from app.resources.bulletins import routes as bulletins
from app.resources.changes import routes as changes
from app.resources.compare import routes as compare
from app.resources.comparisons import routes as comparisons
from app.resources.error_reports import routes as error_reports
from app.resources.jurisdictions import routes as jurisdictions
from app.resources.measurements import routes as measurements
from app.resources.milestones import routes as milestones
from app.resources.monitoring import routes as monitoring
from app.resources.plans import routes as plans
from app.resources.platforms import routes as platforms
from app.resources.reports import routes as reports
from app.resources.search import routes as search
from app.resources.sections import routes as sections
from app.resources.service import routes as service
from app.resources.targets import routes as targets
from app.resources.tasks import routes as tasks
from app.resources.versions import routes as versions
from app.routing import Operation, today_of

Endpoint = Callable[..., Awaitable[Response]]
Params = Mapping[str, Any]  # parameter → value, or values
RESOURCES = (
    agencies,
    assessments,
    bulletins,
    changes,
    compare,
    comparisons,
    error_reports,
    jurisdictions,
    measurements,
    milestones,
    monitoring,
    plans,
    platforms,
    reports,
    search,
    sections,
    service,
    targets,
    tasks,
    versions,
)
MOST_ROWS = 1000  # the largest limit of a list


@cache
def _operations() -> Mapping[Endpoint, Operation]:
    return {
        route.endpoint: route
        for resource in RESOURCES
        for route in resource.router.routes
        if isinstance(route, Operation)
    }


@cache
def _single() -> Mapping[str, tuple[Endpoint, str]]:
    """Path of a list → the operation that reads one of its resources, and its parameter."""
    found = {}
    for endpoint, operation in _operations().items():
        path, _, parameter = operation.path_format.partition("/{")
        if parameter.endswith("}") and "/" not in parameter:
            found[path] = endpoint, parameter[:-1]
    return found


@dataclass(frozen=True)
class Read:
    """A response of `/v1`, and its path."""

    href: str
    body: bytes

    @property
    def document(self) -> Document:
        """A single resource, parsed."""
        document: Document = json.loads(self.body)
        return document


@dataclass(frozen=True)
class Rows:
    """A page of a list of `/v1`, and its path."""

    href: str
    rows: Sequence[Document]
    total: int
    next: str | None

    @property
    def csv(self) -> str:
        """The path of the list as CSV."""
        return f"{self.href}&format=csv"


class Api:
    """Reads `/v1` for one page, in one transaction."""

    def __init__(self, request: Request, reader: Reader) -> None:
        self.request = request
        self.reader = reader

    async def read(self, endpoint: Endpoint, params: Params | None = None, **in_path: str) -> Read:
        """The response of an operation; raises ApiError as the operation does."""
        operation = _operations()[endpoint]
        path = operation.path_format.format(
            **{name: quote(value, safe="") for name, value in in_path.items()}
        )
        query = urlencode(params or {}, doseq=True)
        scope = {
            **self.request.scope,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "path_params": in_path,
            "headers": [],
        }
        scope.pop(HEADERS_ONLY, None)  # a HEAD of the page needs the whole page for its length
        response = await operation.read(Request(scope), self.reader)
        return Read(f"{path}?{query}" if query else path, bytes(response.body))

    async def one(
        self, endpoint: Endpoint, params: Params | None = None, **in_path: str
    ) -> Document:
        """The document of a single resource."""
        return (await self.read(endpoint, params, **in_path)).document

    async def array(
        self, endpoint: Endpoint, params: Params | None = None, **in_path: str
    ) -> list[Document]:
        """The array of an operation that returns one."""
        found: list[Document] = json.loads((await self.read(endpoint, params, **in_path)).body)
        return found

    async def document(self, kind: Kind, id_: str) -> Document:
        """The document of a resource of any kind; raises NotFoundError, GoneError."""
        endpoint, parameter = _single()[kind.path]
        return (await self.read(endpoint, None, **{parameter: id_})).document

    async def rows(self, endpoint: Endpoint, params: Params | None = None, **in_path: str) -> Rows:
        """A page of a list."""
        read = await self.read(endpoint, params, **in_path)
        document = read.document
        page = document["page"]
        return Rows(read.href, document["data"], page["total"], page["next"])

    def selected(self) -> tuple[int, int] | None:
        """The span that `start` and `end` of the page select; None if they are no span."""
        given = [self.request.query_params.get(name, "") for name in ("start", "end")]
        if not all(one.isascii() and one.isdecimal() and len(one) < 10 for one in given):
            return None
        start, end = map(int, given)
        return (start, end) if start < end else None

    def today(self) -> date:
        """The date in China; the page is another one after midnight."""
        return today_of(self.request)

    def given(self, *names: str) -> dict[str, list[str]]:
        """Those parameters of the page that have a value; forms also send empty ones."""
        return {
            name: values
            for name in names
            if (values := [v for v in self.request.query_params.getlist(name) if v])
        }
