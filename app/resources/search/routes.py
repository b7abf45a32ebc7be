"""`/v1/search`: full-text search of all resources."""

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
    request: Request, reader: ReaderDep, params: Annotated[SearchQuery, Query()]
) -> Response:
    """全文检索。Search plans, sections, tasks, agencies, targets and platforms, best matches first.

    Simplified and Traditional Chinese, full and half width, and upper and lower case match each
    other. Quotes, brackets and similar punctuation are significant only between Latin words and
    digits; there are no wildcards or operators. A word may be a single character. A resource that
    the whole query identifies comes first.
    """
    return await queries.search(request, reader, params)
