"""`/v1/agencies`: the registry of agencies."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.db.models import Agency as AgencyRow
from app.http.media_types import EXPORTS
from app.http.problems import GoneError, InvalidCursorError, NotFoundError, documented
from app.reading.one import DocumentParams, ResourceId, one_document
from app.reading.paging import list_page
from app.reading.transaction import ReaderDep
from app.resources.agencies.queries import AGENCIES, AgencyListQuery
from app.resources.agencies.schemas import AgencyPage
from app.routing import Operation
from app.schemas.notice import Agency

router = APIRouter(route_class=Operation, prefix="/v1/agencies", tags=["agencies"])


@router.get(
    "",
    response_model=AgencyPage,
    responses={**EXPORTS, **documented(InvalidCursorError)},
)
async def list_agencies(
    request: Request, reader: ReaderDep, params: Annotated[AgencyListQuery, Query()]
) -> Response:
    """机构，可按任一名称查找。List agencies; `?name=` takes any name in Simplified or Traditional Chinese."""
    return await list_page(request, reader, AGENCIES, params, params.sort)


@router.get("/{agency_id}", response_model=Agency, responses=documented(NotFoundError, GoneError))
async def get_agency(
    request: Request, reader: ReaderDep, agency_id: ResourceId, params: DocumentParams
) -> Response:
    """一个机构。Get one agency."""
    return await one_document(request, reader, AgencyRow, agency_id, params)
