"""`/v1/jurisdictions`: governments that have plans or agencies."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from app.db.models import Jurisdiction as JurisdictionRow
from app.http.media_types import EXPORTS
from app.http.problems import GoneError, InvalidCursorError, NotFoundError, documented
from app.reading.one import DocumentParams, one_document
from app.reading.paging import list_page
from app.reading.transaction import ReaderDep
from app.resources.jurisdictions.queries import JURISDICTIONS, JurisdictionListQuery
from app.resources.jurisdictions.schemas import JurisdictionPage
from app.routing import Operation
from app.schemas.notice import Jurisdiction

router = APIRouter(route_class=Operation, prefix="/v1/jurisdictions", tags=["jurisdictions"])


@router.get(
    "",
    response_model=JurisdictionPage,
    responses={**EXPORTS, **documented(InvalidCursorError)},
)
async def list_jurisdictions(
    request: Request, reader: ReaderDep, params: Annotated[JurisdictionListQuery, Query()]
) -> Response:
    """有工作要点或机构的政府。List governments that have plans or agencies, with counts."""
    return await list_page(request, reader, JURISDICTIONS, params, params.sort)


@router.get("/{code}", response_model=Jurisdiction, responses=documented(NotFoundError, GoneError))
async def get_jurisdiction(
    request: Request,
    reader: ReaderDep,
    code: Annotated[str, Path(description="GB/T 2260 code; 100000 is the nation.")],
    params: DocumentParams,
) -> Response:
    """一个政府。Get one government, with those above and below it."""
    return await one_document(request, reader, JurisdictionRow, code, params)
