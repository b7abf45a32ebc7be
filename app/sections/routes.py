"""`/v1/sections`."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.access import SessionDep
from app.errors import GoneError, InvalidCursorError, NotFoundError, documented
from app.reading import ResourceId, one_document
from app.representations import EXPORTS
from app.sections import queries
from app.sections.schemas import Section, SectionListQuery, SectionPage
from app.tables import Section as SectionRow

router = APIRouter(prefix="/v1/sections", tags=["sections"])


@router.get(
    "",
    response_model=SectionPage,
    responses={**EXPORTS, **documented(InvalidCursorError)},
)
async def list_sections(
    request: Request, session: SessionDep, wanted: Annotated[SectionListQuery, Query()]
) -> Response:
    """各部分。Sections in the order of the notice."""
    return await queries.list_sections(request, session, wanted)


@router.get("/{id}", response_model=Section, responses=documented(NotFoundError, GoneError))
async def get_section(session: SessionDep, id: ResourceId) -> Response:  # noqa: A002
    """一个部分。One section."""
    return await one_document(session, SectionRow, id)
