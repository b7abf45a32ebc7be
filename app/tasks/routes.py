"""`/v1/tasks`: what is to be done, by whom."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.access import SessionDep
from app.errors import (
    AmbiguousNameError,
    GoneError,
    InvalidCursorError,
    NotFoundError,
    documented,
)
from app.reading import ResourceId, one_document
from app.tables import Task as TaskRow
from app.tasks import queries
from app.tasks.schemas import Task, TaskListQuery, TaskPage

router = APIRouter(prefix="/v1/tasks", tags=["tasks"])


@router.get(
    "", response_model=TaskPage, responses=documented(AmbiguousNameError, InvalidCursorError)
)
async def list_tasks(
    request: Request, session: SessionDep, wanted: Annotated[TaskListQuery, Query()]
) -> Response:
    """任务，可按机构等筛选。Tasks, by agency and more, in the order of the notice.

    `?agency=` takes an id or any known name in either script: 省公安厅, 公安厅, 廣東省公安廳.
    """
    return await queries.list_tasks(request, session, wanted)


@router.get("/{id}", response_model=Task, responses=documented(NotFoundError, GoneError))
async def get_task(session: SessionDep, id: ResourceId) -> Response:  # noqa: A002
    """一项任务。One task."""
    return await one_document(session, TaskRow, id)
