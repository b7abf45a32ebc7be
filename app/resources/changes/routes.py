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

    A mirror starts with `/v1/plans/{plan_id}/download` and passes the `seq` and `epoch` of that
    download as `after` and `epoch`. A position from another epoch, after an earlier state of the
    database was restored, returns 410 `history-changed`: start again with a download.
    """
    return await queries.list_changes(request, reader, params)


@router.get("/changes.atom", response_class=AtomResponse)
async def get_change_feed(
    request: Request, reader: ReaderDep, params: Annotated[RecentQuery, Query()]
) -> Response:
    """变更流，供订阅阅读。The change feed for feed readers (Atom, RFC 4287), newest entries first.

    Entries have the current titles of their resources. Each set of filters is a feed of its own.
    Older entries are on the `next` page (RFC 5005). Links are absolute if the operator has set a
    public URL, else relative to this path.
    """
    recent = await queries.recent_changes(reader, params)
    feed = as_atom(recent, params, language_of(request.scope), base_of(request))
    return AtomResponse(feed)
