"""`/v1/search`: anything, by its words."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.http.problems import InvalidCursorError, documented
from app.reading.transaction import ReaderDep
from app.resources.search import queries
from app.resources.search.schemas import SearchPage, SearchQuery
from app.routing import Operation

router = APIRouter(route_class=Operation, prefix="/v1/search", tags=["search"])


@router.get("", response_model=SearchPage, responses=documented(InvalidCursorError))
async def search(
    request: Request, reader: ReaderDep, wanted: Annotated[SearchQuery, Query()]
) -> Response:
    """全文检索。Search plans, sections, tasks, agencies, targets and platforms, best hits first.

    Simplified and Traditional, full and half width, upper and lower case are the same; quotes,
    brackets and the like count only between Latin words and digits; all other characters are only
    characters. A word may be one character long. What the whole query names comes first.
    """
    return await queries.search(request, reader, wanted)
