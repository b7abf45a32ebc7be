"""`/v1/targets`: targets and their facets."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from app.db.models import Target as TargetRow
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
from app.reading.target_filters import TargetFilters
from app.reading.transaction import ReaderDep
from app.resources.targets.facets import FACETS
from app.resources.targets.queries import TARGETS, TargetListQuery
from app.resources.targets.schemas import (
    TargetFacetField,
    TargetFacets,
    TargetPage,
)
from app.routing import Operation
from app.schemas.notice import Target

router = APIRouter(route_class=Operation, prefix="/v1", tags=["targets"])


@router.get(
    "/targets",
    response_model=TargetPage,
    responses={**EXPORTS, **documented(InvalidCursorError)},
)
async def list_targets(
    request: Request, reader: ReaderDep, params: Annotated[TargetListQuery, Query()]
) -> Response:
    """目标，含数量、覆盖和时限。List targets: quantities, full coverage and dates."""
    return await list_page(request, reader, TARGETS, params, params.sort)


@router.get(
    "/targets/{target_id}", response_model=Target, responses=documented(NotFoundError, GoneError)
)
async def get_target(
    request: Request, reader: ReaderDep, target_id: ResourceId, params: DocumentParams
) -> Response:
    """一个目标。Get one target."""
    return await one_document(request, reader, TargetRow, target_id, params)


@router.get("/facets/targets/{field}", response_model=TargetFacets)
async def get_target_facets(
    reader: ReaderDep,
    field: Annotated[TargetFacetField, Path(description="Filter by whose values to count.")],
    params: Annotated[TargetFilters, Query()],
) -> Response:
    """按某一字段统计目标。Count targets by the values of a field, under the filters of the list.

    A count is the total of the list with the value as an additional filter; if the list is already
    filtered by the field, the count is the number of listed rows that have the value. Values without
    rows are omitted. Targets without a section, a unit, a comparator or a recurrence have the value
    null, for which the list has no filter.
    """
    facet = FACETS[field]
    counted = await count_buckets(reader, TARGETS, facet, field, params)
    facets = TargetFacets(resource="targets", field=field, field_label=field.label, **dict(counted))
    return Response(facets.model_dump_json(), media_type="application/json")
