"""`/v1/changes`, `/v1/changes.atom`: the change feed, for mirrors and for feed readers."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.http.languages import language_of
from app.http.media_types import AtomResponse
from app.http.problems import HistoryChangedError, InvalidCursorError, documented
from app.reading.one import base_of
from app.reading.transaction import ReaderDep
from app.resources.changes import queries
from app.resources.changes.atom import as_atom
from app.resources.changes.queries import ChangeQuery, RecentQuery
from app.resources.changes.schemas import ChangePage
from app.routing import Operation

router = APIRouter(route_class=Operation, prefix="/v1", tags=["changes"])


@router.get(
    "/changes",
    response_model=ChangePage,
    responses=documented(InvalidCursorError, HistoryChangedError),
)
async def list_changes(
    request: Request, reader: ReaderDep, params: Annotated[ChangeQuery, Query()]
) -> Response:
    """变更流。Changes of all resources, oldest first, numbered without gaps.

    A mirror starts from `/v1/plans/{plan_id}/download`, which says for which `seq` and `epoch` it is
    true, and asks with both for what came `after` it. A place that belongs to another history, since
    an earlier state was restored, is 410 `history-changed`: begin again with a download.
    """
    return await queries.list_changes(request, reader, params)


@router.get("/changes.atom", response_class=AtomResponse)
async def get_change_feed(
    request: Request, reader: ReaderDep, params: Annotated[RecentQuery, Query()]
) -> Response:
    """变更流，供订阅阅读。The change feed for feed readers (Atom, RFC 4287), newest entries first.

    Titles are those of what changed as it is now. With other filters it is another feed. Older entries are on the `next` page (RFC 5005).
    Links have the host that the operator has set; without one they are relative to this path.
    """
    recent = await queries.recent_changes(reader, params)
    feed = as_atom(recent, params, language_of(request.scope), base_of(request))
    return AtomResponse(feed)
