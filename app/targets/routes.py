"""`/v1/targets`: what plans commit to."""

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
from app.schemas import Target
from app.tables import Target as TargetRow
from app.targets import queries
from app.targets.schemas import TargetListQuery, TargetPage

router = APIRouter(prefix="/v1/targets", tags=["targets"])


@router.get(
    "", response_model=TargetPage, responses=documented(AmbiguousNameError, InvalidCursorError)
)
async def list_targets(
    request: Request, session: SessionDep, wanted: Annotated[TargetListQuery, Query()]
) -> Response:
    """目标，含数量、覆盖和时限。Targets: figures, full coverage, dates."""
    return await queries.list_targets(request, session, wanted)


@router.get("/{id}", response_model=Target, responses=documented(NotFoundError, GoneError))
async def get_target(session: SessionDep, id: ResourceId) -> Response:  # noqa: A002
    """一个目标。One target."""
    return await one_document(session, TargetRow, id)
