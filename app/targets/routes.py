"""`/v1/targets`: what plans commit to."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from app.access import SessionDep
from app.errors import (
    AmbiguousNameError,
    GoneError,
    InvalidCursorError,
    NotFoundError,
    documented,
)
from app.reading import ResourceId, one_document
from app.representations import EXPORTS
from app.schemas import Target
from app.tables import Target as TargetRow
from app.targets import facets, queries
from app.targets.schemas import (
    TargetFacetField,
    TargetFacets,
    TargetFilters,
    TargetListQuery,
    TargetPage,
)

router = APIRouter(prefix="/v1", tags=["targets"])


@router.get(
    "/targets",
    response_model=TargetPage,
    responses={**EXPORTS, **documented(AmbiguousNameError, InvalidCursorError)},
)
async def list_targets(
    request: Request, session: SessionDep, wanted: Annotated[TargetListQuery, Query()]
) -> Response:
    """目标，含数量、覆盖和时限。Targets: figures, full coverage, dates."""
    return await queries.list_targets(request, session, wanted)


@router.get("/targets/{id}", response_model=Target, responses=documented(NotFoundError, GoneError))
async def get_target(session: SessionDep, id: ResourceId) -> Response:  # noqa: A002
    """一个目标。One target."""
    return await one_document(session, TargetRow, id)


@router.get(
    "/facets/targets/{field}", response_model=TargetFacets, responses=documented(AmbiguousNameError)
)
async def get_target_facets(
    session: SessionDep,
    field: Annotated[TargetFacetField, Path(description="the filter whose values are counted")],
    wanted: Annotated[TargetFilters, Query()],
) -> Response:
    """按某一字段统计目标。Targets counted by a field, under the filters of the list.

    A count is the total of the list with the value as one more filter; where the field is filtered
    already, it is how many of the list have the value. Values that none has are left out. Targets without a unit or a comparator
    are counted with the value null, which the list has no filter for.
    """
    counted = await facets.target_facets(session, field, wanted)
    return Response(counted.model_dump_json(), media_type="application/json")
