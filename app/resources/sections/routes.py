"""`/v1/sections`: sections of plans."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.db.models import Section as SectionRow
from app.http.media_types import EXPORTS
from app.http.problems import GoneError, InvalidCursorError, NotFoundError, documented
from app.reading.one import DocumentParams, ResourceId, one_document
from app.reading.paging import list_page
from app.reading.transaction import ReaderDep
from app.resources.sections.queries import SECTIONS, SectionListQuery
from app.resources.sections.schemas import SectionPage
from app.routing import Operation
from app.schemas.notice import Section

router = APIRouter(route_class=Operation, prefix="/v1/sections", tags=["sections"])


@router.get(
    "",
    response_model=SectionPage,
    responses={**EXPORTS, **documented(InvalidCursorError)},
)
async def list_sections(
    request: Request, reader: ReaderDep, params: Annotated[SectionListQuery, Query()]
) -> Response:
    """各部分。List sections of plans, in the order of the notice."""
    return await list_page(request, reader, SECTIONS, params, params.sort)


@router.get("/{section_id}", response_model=Section, responses=documented(NotFoundError, GoneError))
async def get_section(
    request: Request, reader: ReaderDep, section_id: ResourceId, params: DocumentParams
) -> Response:
    """一个部分。Get one section."""
    return await one_document(request, reader, SectionRow, section_id, params)
