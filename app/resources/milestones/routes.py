"""`/v1/milestones`: milestones that agencies set for their tasks."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.db.models import Milestone as MilestoneRow
from app.db.models import Task as TaskRow
from app.http.media_types import EXPORTS
from app.http.problems import (
    ConflictError,
    GoneError,
    IdempotencyKeyReusedError,
    InvalidCursorError,
    NotFoundError,
    PreconditionFailedError,
    PreconditionRequiredError,
    documented,
)
from app.kinds.milestone import Milestone
from app.reading.one import DocumentParams, ResourceId, one_document, one_row
from app.reading.paging import list_page
from app.reading.transaction import ReaderDep
from app.resources.milestones import commands
from app.resources.milestones.queries import (
    MILESTONES,
    TASK_MILESTONES,
    MilestoneListQuery,
    TaskMilestoneQuery,
)
from app.resources.milestones.schemas import (
    MilestoneChangeSubmission,
    MilestonePage,
    MilestoneSubmission,
)
from app.routing import Operation, WriteDep, WriteOperation
from app.writing.unit_of_work import WriteResponse

router = APIRouter(route_class=Operation, prefix="/v1", tags=["milestones"])
writing = APIRouter(route_class=WriteOperation)


@router.get(
    "/milestones",
    response_model=MilestonePage,
    responses={**EXPORTS, **documented(InvalidCursorError)},
)
async def list_milestones(
    request: Request, reader: ReaderDep, params: Annotated[MilestoneListQuery, Query()]
) -> Response:
    """任务节点，可按任务、机构、日期筛选。Lists milestones in order of creation."""
    return await list_page(request, reader, MILESTONES, params, params.sort)


@router.get(
    "/milestones/{milestone_id}",
    response_model=Milestone,
    responses=documented(NotFoundError, GoneError),
)
async def get_milestone(
    request: Request, reader: ReaderDep, milestone_id: ResourceId, params: DocumentParams
) -> Response:
    """一个任务节点。One milestone. To update it, send its `ETag` in `If-Match`."""
    return await one_document(request, reader, MilestoneRow, milestone_id, params)


@router.get(
    "/tasks/{task_id}/milestones",
    response_model=MilestonePage,
    responses={
        **EXPORTS,
        **documented(NotFoundError, GoneError, InvalidCursorError),
    },
)
async def list_task_milestones(
    request: Request,
    reader: ReaderDep,
    task_id: ResourceId,
    params: Annotated[TaskMilestoneQuery, Query()],
) -> Response:
    """一项任务的节点。Lists the milestones of a task in order of creation."""
    await one_row(reader, TaskRow, task_id)
    return await list_page(request, reader, TASK_MILESTONES, params, params.sort, task_id)


@writing.post(
    "/tasks/{task_id}/milestones",
    status_code=201,
    response_model=Milestone,
    responses=documented(NotFoundError, GoneError, IdempotencyKeyReusedError),
)
async def create_milestone(
    write: WriteDep, task_id: ResourceId, body: MilestoneSubmission
) -> WriteResponse:
    """为一项任务设定节点。Creates a milestone of a task for the agency of the key."""
    return await write.perform(commands.add_milestone, task_id, body)


@writing.patch(
    "/milestones/{milestone_id}",
    response_model=Milestone,
    responses=documented(
        NotFoundError, ConflictError, PreconditionFailedError, PreconditionRequiredError
    ),
)
async def change_milestone(
    write: WriteDep, milestone_id: ResourceId, body: MilestoneChangeSubmission
) -> WriteResponse:
    """节点完成、改期或取消。Marks a milestone as done, moved or dropped.

    Earlier changes remain in `changes`. `If-Match` must contain the current `ETag`.
    """
    return await write.perform(commands.change_milestone, milestone_id, body)


router.include_router(writing)
