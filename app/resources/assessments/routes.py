"""`/v1/assessments`: third-party assessments of agencies and regions."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.db.models import Assessment as AssessmentRow
from app.http.media_types import EXPORTS
from app.http.problems import (
    ConflictError,
    GoneError,
    IdempotencyKeyReusedError,
    InvalidCursorError,
    NotFoundError,
    documented,
)
from app.kinds.assessment import Assessment
from app.reading.one import DocumentParams, ResourceId, one_document
from app.reading.paging import list_page
from app.reading.transaction import ReaderDep
from app.resources.assessments import commands
from app.resources.assessments.queries import ASSESSMENTS, AssessmentListQuery
from app.resources.assessments.schemas import (
    AssessmentPage,
    AssessmentSubmission,
)
from app.routing import Operation, WriteDep, WriteOperation
from app.writing.facts import WithdrawalSubmission, withdraw
from app.writing.unit_of_work import WriteResponse

router = APIRouter(route_class=Operation, prefix="/v1", tags=["assessments"])
writing = APIRouter(route_class=WriteOperation)


@router.get(
    "/assessments",
    response_model=AssessmentPage,
    responses={**EXPORTS, **documented(InvalidCursorError)},
)
async def list_assessments(
    request: Request, reader: ReaderDep, params: Annotated[AssessmentListQuery, Query()]
) -> Response:
    """第三方评估，可按机构、地区、时段筛选。Lists assessments in order of arrival.

    Replaced and withdrawn assessments are included, with their `state`; `?state=in_force`
    excludes them.
    """
    return await list_page(request, reader, ASSESSMENTS, params, params.sort)


@router.get(
    "/assessments/{assessment_id}",
    response_model=Assessment,
    responses=documented(NotFoundError, GoneError),
)
async def get_assessment(
    request: Request, reader: ReaderDep, assessment_id: ResourceId, params: DocumentParams
) -> Response:
    """一份第三方评估。One assessment."""
    return await one_document(request, reader, AssessmentRow, assessment_id, params)


@writing.post(
    "/assessments",
    status_code=201,
    response_model=Assessment,
    responses=documented(ConflictError, IdempotencyKeyReusedError),
)
async def create_assessment(write: WriteDep, body: AssessmentSubmission) -> WriteResponse:
    """提交一份第三方评估。Submits a third-party assessment of an agency or region.

    Assessments are append-only: to correct one, submit another with `replaces`, using the same
    key or its successor. Assessments do not change the progress of tasks.
    """
    return await write.perform(commands.add_assessment, body)


@writing.post(
    "/assessments/{assessment_id}/withdrawal",
    status_code=201,
    response_model=Assessment,
    responses=documented(NotFoundError, ConflictError, IdempotencyKeyReusedError),
)
async def withdraw_assessment(
    write: WriteDep, assessment_id: ResourceId, body: WithdrawalSubmission
) -> WriteResponse:
    """撤回一份错误的评估。Withdraws an incorrect assessment, with a public reason.

    The assessment remains readable as withdrawn.
    """
    return await write.perform(withdraw, AssessmentRow, assessment_id, body.reason)


router.include_router(writing)
