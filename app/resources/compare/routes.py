"""`/v1/compare`: two documents side by side."""

import asyncio
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from app.http.media_types import JSON_TYPE
from app.http.paths import prefixed
from app.http.problems import GoneError, Message, NotFoundError, UnavailableError, documented
from app.reading.transaction import ReaderDep
from app.resources.compare import queries
from app.resources.compare.queries import Named
from app.resources.compare.schemas import CompareQuery, DocumentComparison
from app.routing import Operation

MOST_COMPARING = 2  # at once in a worker, each in a thread
BUSY = Message(
    "同时进行的比较过多；请按 Retry-After 稍后再试。",
    "Too many comparisons at once; try again after Retry-After seconds.",
)
OTHER_ORDER: dict[int | str, dict[str, Any]] = {
    308: {
        "description": "次序相反，请用 Location。The other order: see Location.",
        "headers": {
            "Location": {
                "description": "The comparison in its one order.",
                "required": True,
                "schema": {"type": "string"},
            }
        },
    }
}
router = APIRouter(route_class=Operation, prefix="/v1", tags=["compare"])


@router.get(
    "/compare",
    response_model=DocumentComparison,
    responses={**OTHER_ORDER, **documented(NotFoundError, GoneError)},
)
async def compare_documents(
    request: Request, reader: ReaderDep, params: Annotated[CompareQuery, Query()]
) -> Response:
    """比较两份文档或两个版本。Compare two resources of a kind, or two versions: the members that differ.

    Texts are compared word by word. Ids are in alphabetical order, versions of one id in that of
    their numbers, and the current document after them; the other order redirects.
    """
    a, b = Named.of(params, "a"), Named.of(params, "b")
    if b < a:
        await queries.find_both(reader, a, b)  # nothing is repeated that is not an ID
        query = {**params.model_dump(exclude_unset=True), "a": params.b, "b": params.a}
        location = f"{prefixed(request.scope, request.url.path)}?{urlencode(query, safe='@')}"
        return Response(status_code=308, headers={"Location": location})
    comparing: asyncio.Semaphore = request.app.state.comparing
    if comparing.locked():
        raise UnavailableError(BUSY)
    async with comparing:
        documents = await queries.read_both(reader, a, b)
        body = await asyncio.to_thread(queries.compared, *documents)
    return Response(body, media_type=JSON_TYPE)
