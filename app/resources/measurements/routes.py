"""`/v1/measurements`: measurements of targets by agencies."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.db.models import Measurement as MeasurementRow
from app.db.models import Target as TargetRow
from app.http.media_types import EXPORTS
from app.http.problems import (
    ConflictError,
    GoneError,
    IdempotencyKeyReusedError,
    InvalidCursorError,
    NotFoundError,
    documented,
)
from app.kinds.measurement import Measurement
from app.reading.one import DocumentParams, ResourceId, one_document, one_row
from app.reading.paging import list_page
from app.reading.transaction import ReaderDep
from app.resources.measurements import commands
from app.resources.measurements.queries import (
    MEASUREMENTS,
    TARGET_MEASUREMENTS,
    MeasurementListQuery,
    TargetMeasurementQuery,
)
from app.resources.measurements.schemas import (
    MeasurementPage,
    MeasurementSubmission,
)
from app.routing import Operation, WriteDep, WriteOperation
from app.writing.facts import WithdrawalSubmission
from app.writing.unit_of_work import WriteResponse

router = APIRouter(route_class=Operation, prefix="/v1", tags=["measurements"])
writing = APIRouter(route_class=WriteOperation)
LISTED = documented(InvalidCursorError)


@router.get("/measurements", response_model=MeasurementPage, responses={**EXPORTS, **LISTED})
async def list_measurements(
    request: Request, reader: ReaderDep, params: Annotated[MeasurementListQuery, Query()]
) -> Response:
    """指标测量，可按目标、任务、机构等筛选。Lists measurements in order of arrival.

    Replaced and withdrawn measurements are included, with their `state`; `?state=in_force`
    excludes them.
    """
    return await list_page(request, reader, MEASUREMENTS, params, params.sort)


@router.get(
    "/measurements/{measurement_id}",
    response_model=Measurement,
    responses=documented(NotFoundError, GoneError),
)
async def get_measurement(
    request: Request, reader: ReaderDep, measurement_id: ResourceId, params: DocumentParams
) -> Response:
    """一次测量。One measurement."""
    return await one_document(request, reader, MeasurementRow, measurement_id, params)


@router.get(
    "/targets/{target_id}/measurements",
    response_model=MeasurementPage,
    responses={
        **EXPORTS,
        **documented(NotFoundError, GoneError, InvalidCursorError),
    },
)
async def list_target_measurements(
    request: Request,
    reader: ReaderDep,
    target_id: ResourceId,
    params: Annotated[TargetMeasurementQuery, Query()],
) -> Response:
    """一个目标的测量。Lists the measurements of a target in order of arrival."""
    await one_row(reader, TargetRow, target_id)
    return await list_page(request, reader, TARGET_MEASUREMENTS, params, params.sort, target_id)


@writing.post(
    "/targets/{target_id}/measurements",
    status_code=201,
    response_model=Measurement,
    responses=documented(NotFoundError, GoneError, ConflictError, IdempotencyKeyReusedError),
)
async def create_measurement(
    write: WriteDep, target_id: ResourceId, body: MeasurementSubmission
) -> WriteResponse:
    """提交一个目标的测量值。Submits a measurement of a target for the agency of the key.

    The agency must be assigned to the target's task. Measurements are append-only: to correct
    one, submit another with `replaces`. At most one measurement per agency and day.
    """
    return await write.perform(commands.add_measurement, target_id, body)


@writing.post(
    "/measurements/{measurement_id}/withdrawal",
    status_code=201,
    response_model=Measurement,
    responses=documented(NotFoundError, ConflictError, IdempotencyKeyReusedError),
)
async def withdraw_measurement(
    write: WriteDep, measurement_id: ResourceId, body: WithdrawalSubmission
) -> WriteResponse:
    """撤回一次错误的测量。Withdraws an incorrect measurement, with a reason.

    The measurement remains readable as withdrawn; the attainment of its target is computed
    without it.
    """
    return await write.perform(commands.withdraw_measurement, measurement_id, body)


router.include_router(writing)
