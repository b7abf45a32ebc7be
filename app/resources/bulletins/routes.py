"""`/v1/bulletins`: official bulletins."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.db.models import Bulletin as BulletinRow
from app.http.media_types import EXPORTS
from app.http.problems import (
    ConflictError,
    GoneError,
    IdempotencyKeyReusedError,
    InvalidCursorError,
    NotFoundError,
    documented,
)
from app.kinds.bulletin import Bulletin
from app.reading.one import DocumentParams, ResourceId, one_document
from app.reading.paging import list_page
from app.reading.transaction import ReaderDep
from app.resources.bulletins import commands
from app.resources.bulletins.queries import BULLETINS, BulletinListQuery
from app.resources.bulletins.schemas import BulletinPage, BulletinSubmission
from app.routing import Operation, WriteDep, WriteOperation
from app.writing.facts import WithdrawalSubmission, withdraw
from app.writing.unit_of_work import WriteResponse

router = APIRouter(route_class=Operation, prefix="/v1", tags=["bulletins"])
writing = APIRouter(route_class=WriteOperation)


@router.get(
    "/bulletins",
    response_model=BulletinPage,
    responses={**EXPORTS, **documented(InvalidCursorError)},
)
async def list_bulletins(
    request: Request, reader: ReaderDep, params: Annotated[BulletinListQuery, Query()]
) -> Response:
    """通报，可按工作要点、日期筛选。Lists bulletins in order of arrival.

    Replaced and withdrawn bulletins are included, with their `state`; `?state=in_force`
    excludes them.
    """
    return await list_page(request, reader, BULLETINS, params, params.sort)


@router.get(
    "/bulletins/{bulletin_id}",
    response_model=Bulletin,
    responses=documented(NotFoundError, GoneError),
)
async def get_bulletin(
    request: Request, reader: ReaderDep, bulletin_id: ResourceId, params: DocumentParams
) -> Response:
    """一份通报。One bulletin."""
    return await one_document(request, reader, BulletinRow, bulletin_id, params)


@writing.post(
    "/bulletins",
    status_code=201,
    response_model=Bulletin,
    responses=documented(ConflictError, IdempotencyKeyReusedError),
)
async def create_bulletin(write: WriteDep, body: BulletinSubmission) -> WriteResponse:
    """发布一份通报。Publishes a bulletin that refers to assessments and reports.

    Bulletins are append-only: to correct one, submit another with `replaces`.
    """
    return await write.perform(commands.add_bulletin, body)


@writing.post(
    "/bulletins/{bulletin_id}/withdrawal",
    status_code=201,
    response_model=Bulletin,
    responses=documented(NotFoundError, ConflictError, IdempotencyKeyReusedError),
)
async def withdraw_bulletin(
    write: WriteDep, bulletin_id: ResourceId, body: WithdrawalSubmission
) -> WriteResponse:
    """撤回一份错误的通报。Withdraws an incorrect bulletin, with a public reason.

    The bulletin remains readable as withdrawn.
    """
    return await write.perform(withdraw, BulletinRow, bulletin_id, body.reason)


router.include_router(writing)
