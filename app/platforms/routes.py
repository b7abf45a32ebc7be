"""`/v1/platforms`: systems, brands and initiatives that notices name."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.access import SessionDep
from app.errors import GoneError, InvalidCursorError, NotFoundError, documented
from app.platforms import queries
from app.platforms.schemas import Platform, PlatformListQuery, PlatformPage
from app.reading import ResourceId, one_document
from app.representations import EXPORTS
from app.tables import Platform as PlatformRow

router = APIRouter(prefix="/v1/platforms", tags=["platforms"])


@router.get(
    "",
    response_model=PlatformPage,
    responses={**EXPORTS, **documented(InvalidCursorError)},
)
async def list_platforms(
    request: Request, session: SessionDep, wanted: Annotated[PlatformListQuery, Query()]
) -> Response:
    """平台、品牌和举措。Platforms, brands and initiatives that notices name."""
    return await queries.list_platforms(request, session, wanted)


@router.get("/{id}", response_model=Platform, responses=documented(NotFoundError, GoneError))
async def get_platform(session: SessionDep, id: ResourceId) -> Response:  # noqa: A002
    """一个平台。One platform."""
    return await one_document(session, PlatformRow, id)
