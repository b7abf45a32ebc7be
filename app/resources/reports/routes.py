"""`/v1/reports`: progress reports on tasks by their agencies."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.db.models import Report as ReportRow
from app.db.models import Task as TaskRow
from app.http.media_types import EXPORTS
from app.http.problems import (
    ConflictError,
    GoneError,
    IdempotencyKeyReusedError,
    InvalidCursorError,
    NotFoundError,
    documented,
)
from app.kinds.report import Report
from app.reading.one import DocumentParams, ResourceId, one_document, one_row
from app.reading.paging import list_page
from app.reading.transaction import ReaderDep
from app.resources.reports import commands
from app.resources.reports.queries import REPORTS, TASK_REPORTS, ReportListQuery, TaskReportQuery
from app.resources.reports.schemas import (
    ReportPage,
    ReportSubmission,
)
from app.routing import Operation, WriteDep, WriteOperation
from app.writing.facts import WithdrawalSubmission
from app.writing.unit_of_work import WriteResponse

router = APIRouter(route_class=Operation, prefix="/v1", tags=["reports"])
writing = APIRouter(route_class=WriteOperation)
LISTED = documented(InvalidCursorError)


@router.get("/reports", response_model=ReportPage, responses={**EXPORTS, **LISTED})
async def list_reports(
    request: Request, reader: ReaderDep, params: Annotated[ReportListQuery, Query()]
) -> Response:
    """进展报告，可按任务、机构等筛选。Lists reports in order of arrival.

    Replaced and withdrawn reports are included, with their `state`; `?state=in_force` excludes
    them.
    """
    return await list_page(request, reader, REPORTS, params, params.sort)


@router.get(
    "/reports/{report_id}", response_model=Report, responses=documented(NotFoundError, GoneError)
)
async def get_report(
    request: Request, reader: ReaderDep, report_id: ResourceId, params: DocumentParams
) -> Response:
    """一份进展报告。One report."""
    return await one_document(request, reader, ReportRow, report_id, params)


@router.get(
    "/tasks/{task_id}/reports",
    response_model=ReportPage,
    responses={
        **EXPORTS,
        **documented(NotFoundError, GoneError, InvalidCursorError),
    },
)
async def list_task_reports(
    request: Request,
    reader: ReaderDep,
    task_id: ResourceId,
    params: Annotated[TaskReportQuery, Query()],
) -> Response:
    """一项任务的进展报告。Lists the reports on a task in order of arrival."""
    await one_row(reader, TaskRow, task_id)
    return await list_page(request, reader, TASK_REPORTS, params, params.sort, task_id)


@writing.post(
    "/tasks/{task_id}/reports",
    status_code=201,
    response_model=Report,
    responses=documented(NotFoundError, GoneError, ConflictError, IdempotencyKeyReusedError),
)
async def create_report(
    write: WriteDep, task_id: ResourceId, body: ReportSubmission
) -> WriteResponse:
    """报告一项任务的进展。Submits a progress report on a task for the agency of the key.

    The agency must be assigned to the task. Reports are append-only: to correct one, submit
    another with `replaces`. At most one report per agency and day.
    """
    return await write.perform(commands.add_report, task_id, body)


@writing.post(
    "/reports/{report_id}/withdrawal",
    status_code=201,
    response_model=Report,
    responses=documented(NotFoundError, ConflictError, IdempotencyKeyReusedError),
)
async def withdraw_report(
    write: WriteDep, report_id: ResourceId, body: WithdrawalSubmission
) -> WriteResponse:
    """撤回一份错误的报告。Withdraws an incorrect report, with a reason.

    The report remains readable as withdrawn; the progress of its task is computed without it.
    """
    return await write.perform(commands.withdraw_report, report_id, body)


router.include_router(writing)
