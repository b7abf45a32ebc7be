"""`/v1/plans/{plan_id}/comparison`, and lineages of tasks and targets."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from app.http.problems import GoneError, NotFoundError, documented
from app.projections.json_text import as_json
from app.reading.one import ResourceId
from app.reading.transaction import ReaderDep
from app.resources.comparisons import queries
from app.resources.comparisons.schemas import (
    Comparison,
    ComparisonQuery,
    TargetLineage,
    TaskLineage,
)
from app.routing import Operation

router = APIRouter(route_class=Operation, prefix="/v1")
JSON = "application/json"


@router.get(
    "/plans/{plan_id}/comparison",
    tags=["plans"],
    response_model=Comparison,
    responses=documented(NotFoundError, GoneError),
)
async def get_comparison(
    request: Request,
    reader: ReaderDep,
    plan_id: ResourceId,
    params: Annotated[ComparisonQuery, Query()],
) -> Response:
    """与上年度相比。How a plan goes on from an earlier one: what continues, what is new, what is gone.

    `plan_id` is the later plan, `with` the earlier one; the other order returns 422, which names the
    right one. A plan is later if its period begins later, then if it ends later, then by its id; a
    plan without a period stands at its date of issue. Tasks are paired by their texts (see
    `similarity`), or by a person (`basis` is `stated`); each pair is listed once. Ranges in `diff`
    are code points of the title or body itself, not of the plan's text. Targets are compared only
    in the same unit. Two plans that are no neighbours are compared at the first request, if they
    have at most 300 tasks each; while several such requests run, others return 503.
    """
    earlier_id: str = getattr(params, "with")
    document = await queries.stored_comparison(reader, plan_id, earlier_id)
    if document is None:
        computing: Any = request.app.state.computing
        document = await computing.comparison(reader, plan_id, earlier_id)
    return Response(document, media_type=JSON)


@router.get(
    "/tasks/{task_id}/lineage",
    tags=["tasks"],
    response_model=TaskLineage,
    responses=documented(NotFoundError, GoneError),
)
async def get_task_lineage(reader: ReaderDep, task_id: ResourceId) -> Response:
    """任务的历年沿革。A task through the years: what it goes on from, and what goes on from it.

    Links are those of plans that follow each other in a series, or of which a person decided it.
    """
    return Response(as_json(await queries.task_lineage(reader, task_id)), media_type=JSON)


@router.get(
    "/targets/{target_id}/lineage",
    tags=["targets"],
    response_model=TargetLineage,
    responses=documented(NotFoundError, GoneError),
)
async def get_target_lineage(reader: ReaderDep, target_id: ResourceId) -> Response:
    """目标的历年沿革。A target through the years, each with its value.

    A target goes on from one in the same unit, of a task that its own task goes on from.
    """
    return Response(as_json(await queries.target_lineage(reader, target_id)), media_type=JSON)
