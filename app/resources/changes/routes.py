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
    """变更流。Lists changes of all resources, oldest first, numbered without gaps.

    A mirror starts from `/v1/plans/{plan_id}/download`, which states its `seq` and `epoch`,
    and requests the changes `after` it with both. A position from an earlier epoch, from
    before a restore, returns 410 `history-changed`: start again from a download.
    """
    return await queries.list_changes(request, reader, params)


@router.get("/changes.atom", response_class=AtomResponse)
async def get_change_feed(
    request: Request, reader: ReaderDep, params: Annotated[RecentQuery, Query()]
) -> Response:
    """变更流，供订阅阅读。Atom feed (RFC 4287) of changes, newest first.

    Titles show the current state of the changed resources. Each set of filters is a separate
    feed. Older entries are on the `next` page (RFC 5005). Links include the host that the
    operator has set; otherwise they are relative to this path.
    """
    recent = await queries.recent_changes(reader, params)
    feed = as_atom(recent, params, language_of(request.scope), base_of(request))
    return AtomResponse(feed)
