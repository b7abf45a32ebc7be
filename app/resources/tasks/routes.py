"""`/v1/tasks`: tasks and their facets."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from app.db.models import Task as TaskRow
from app.http.media_types import EXPORTS
from app.http.problems import (
    GoneError,
    InvalidCursorError,
    NotFoundError,
    documented,
)
from app.reading.facets import count_buckets
from app.reading.one import DocumentParams, ResourceId, one_document
from app.reading.paging import list_page
from app.reading.transaction import ReaderDep
from app.resources.tasks.facets import FACETS
from app.resources.tasks.queries import TASKS, TaskFilters, TaskListQuery
from app.resources.tasks.schemas import (
    TaskFacetField,
    TaskFacets,
    TaskPage,
)
from app.routing import Operation
from app.schemas.notice import Task

router = APIRouter(route_class=Operation, prefix="/v1", tags=["tasks"])


@router.get(
    "/tasks",
    response_model=TaskPage,
    responses={**EXPORTS, **documented(InvalidCursorError)},
)
async def list_tasks(
    request: Request, reader: ReaderDep, params: Annotated[TaskListQuery, Query()]
) -> Response:
    """任务，可按机构等筛选。List tasks, filtered by agency and more, in the order of the notice.

    `?agency=` takes an ID or any registered name in Simplified or Traditional Chinese: 省公安厅,
    公安厅, 廣東省公安廳.
    """
    return await list_page(request, reader, TASKS, params, params.sort)


@router.get("/tasks/{task_id}", response_model=Task, responses=documented(NotFoundError, GoneError))
async def get_task(
    request: Request, reader: ReaderDep, task_id: ResourceId, params: DocumentParams
) -> Response:
    """一项任务。Get one task."""
    return await one_document(request, reader, TaskRow, task_id, params)


@router.get("/facets/tasks/{field}", response_model=TaskFacets)
async def get_task_facets(
    reader: ReaderDep,
    field: Annotated[TaskFacetField, Path(description="Filter by whose values to count.")],
    params: Annotated[TaskFilters, Query()],
) -> Response:
    """按某一字段统计任务。Count tasks by the values of a field, under the filters of the list.

    A count is the total of the list with the value as an additional filter; if the list is already
    filtered by the field, the count is the number of listed rows that have the value. Values without
    rows are omitted. Tasks without a section have the value null, for which the list has no filter.
    """
    facet = FACETS[field]
    counted = await count_buckets(reader, TASKS, facet, field, params)
    facets = TaskFacets(resource="tasks", field=field, field_label=field.label, **dict(counted))
    return Response(facets.model_dump_json(), media_type="application/json")
