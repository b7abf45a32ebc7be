"""`/v1/error-reports`: errors that readers reported on the pages for people."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.db.models import ErrorReport as ErrorReportRow
from app.http.media_types import EXPORTS
from app.http.problems import (
    ConflictError,
    GoneError,
    IdempotencyKeyReusedError,
    InvalidCursorError,
    NotFoundError,
    documented,
)
from app.kinds.error_report import ErrorReport
from app.reading.one import DocumentParams, ResourceId, one_document
from app.reading.paging import list_page
from app.reading.transaction import ReaderDep
from app.resources.error_reports import commands
from app.resources.error_reports.queries import (
    ERROR_REPORTS,
    ErrorReportListQuery,
    open_reports,
)
from app.resources.error_reports.schemas import ErrorReportPage, ResolutionSubmission
from app.routing import CallerDep, Operation, PartlyPrivateOperation, WriteDep, WriteOperation
from app.writing.unit_of_work import WriteResponse

router = APIRouter(route_class=Operation, prefix="/v1", tags=["error_reports"])
writing = APIRouter(route_class=WriteOperation)


async def list_error_reports(
    request: Request,
    reader: ReaderDep,
    caller: CallerDep,
    params: Annotated[ErrorReportListQuery, Query()],
) -> Response:
    """已答复的错误报告。Lists resolved error reports in the order of their resolution.

    `?state=open` lists the open ones, oldest first; it needs the key of a
    coordinator, lists those of its government and of those below it, and is never cached.
    """
    if params.is_private:
        return await open_reports(reader, request, caller, params)
    return await list_page(request, reader, ERROR_REPORTS, params, params.sort)


router.add_api_route(
    "/error-reports",
    list_error_reports,
    methods=["GET"],
    response_model=ErrorReportPage,
    responses={**EXPORTS, **documented(InvalidCursorError)},
    route_class_override=PartlyPrivateOperation,
)


@router.get(
    "/error-reports/{report_id}",
    response_model=ErrorReport,
    responses=documented(NotFoundError, GoneError),
)
async def get_error_report(
    request: Request, reader: ReaderDep, report_id: ResourceId, params: DocumentParams
) -> Response:
    """一份已答复的错误报告。One resolved error report."""
    return await one_document(request, reader, ErrorReportRow, report_id, params)


@writing.post(
    "/error-reports/{report_id}/answer",
    status_code=201,
    response_model=ErrorReport,
    responses=documented(NotFoundError, ConflictError, IdempotencyKeyReusedError),
)
async def resolve_error_report(
    write: WriteDep, report_id: ResourceId, body: ResolutionSubmission
) -> WriteResponse:
    """答复一份错误报告。Resolves an open error report, which publishes it.

    Readers report errors on the pages for people (`/errors`), without a key; a report has no name
    and no address. Set `publish_message` to false if its message must not be published.
    """
    return await write.perform(commands.resolve_report, report_id, body)


router.include_router(writing)
