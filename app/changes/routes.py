"""`/v1/changes`: the change feed."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.access import ReaderDep
from app.changes import queries
from app.changes.schemas import ChangePage, ChangeQuery
from app.errors import InvalidCursorError, documented
from app.routing import Operation

router = APIRouter(route_class=Operation, prefix="/v1/changes", tags=["changes"])


@router.get("", response_model=ChangePage, responses=documented(InvalidCursorError))
async def list_changes(
    request: Request, reader: ReaderDep, wanted: Annotated[ChangeQuery, Query()]
) -> Response:
    """变更流。Changes of all resources, oldest first, numbered without gaps.

    A mirror starts from `/v1/plans/{id}/download`, which says for which `seq` it is true, and asks
    for what came `after` it.
    """
    return await queries.list_changes(request, reader, wanted)
