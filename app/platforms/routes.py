"""`/v1/platforms`: systems, brands and initiatives that notices name."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.access import ReaderDep
from app.errors import GoneError, InvalidCursorError, NotFoundError, documented
from app.paging import list_page
from app.platforms.queries import PLATFORMS
from app.platforms.schemas import PlatformListQuery, PlatformPage
from app.reading import ResourceId, one_document
from app.representations import EXPORTS
from app.routing import Operation
from app.schemas import Platform
from app.tables import Platform as PlatformRow

router = APIRouter(route_class=Operation, prefix="/v1/platforms", tags=["platforms"])


@router.get(
    "",
    response_model=PlatformPage,
    responses={**EXPORTS, **documented(InvalidCursorError)},
)
async def list_platforms(
    request: Request, reader: ReaderDep, wanted: Annotated[PlatformListQuery, Query()]
) -> Response:
    """平台、品牌和举措。Platforms, brands and initiatives that notices name."""
    return await list_page(request, reader, PLATFORMS, wanted, wanted.sort)


@router.get(
    "/{platform_id}", response_model=Platform, responses=documented(NotFoundError, GoneError)
)
async def get_platform(reader: ReaderDep, platform_id: ResourceId) -> Response:
    """一个平台。One platform."""
    return await one_document(reader, PlatformRow, platform_id)
