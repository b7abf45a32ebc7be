"""`/v1/platforms`: systems, brands and initiatives that notices mention."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.db.models import Platform as PlatformRow
from app.http.media_types import EXPORTS
from app.http.problems import GoneError, InvalidCursorError, NotFoundError, documented
from app.reading.one import DocumentParams, ResourceId, one_document
from app.reading.paging import list_page
from app.reading.transaction import ReaderDep
from app.resources.platforms.queries import PLATFORMS, PlatformListQuery
from app.resources.platforms.schemas import PlatformPage
from app.routing import Operation
from app.schemas.notice import Platform

router = APIRouter(route_class=Operation, prefix="/v1/platforms", tags=["platforms"])


@router.get(
    "",
    response_model=PlatformPage,
    responses={**EXPORTS, **documented(InvalidCursorError)},
)
async def list_platforms(
    request: Request, reader: ReaderDep, params: Annotated[PlatformListQuery, Query()]
) -> Response:
    """平台、品牌和举措。List platforms, brands and initiatives that notices mention."""
    return await list_page(request, reader, PLATFORMS, params, params.sort)


@router.get(
    "/{platform_id}", response_model=Platform, responses=documented(NotFoundError, GoneError)
)
async def get_platform(
    request: Request, reader: ReaderDep, platform_id: ResourceId, params: DocumentParams
) -> Response:
    """一个平台。Get one platform."""
    return await one_document(request, reader, PlatformRow, platform_id, params)
