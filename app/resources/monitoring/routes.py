"""`/v1/monitoring`: the status of a plan at a date."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.reading.transaction import ReaderDep
from app.resources.monitoring import queries
from app.resources.monitoring.schemas import Monitoring, MonitoringQuery
from app.routing import Operation

router = APIRouter(route_class=Operation, prefix="/v1", tags=["monitoring"])


@router.get("/monitoring", response_model=Monitoring)
async def get_monitoring(
    reader: ReaderDep, params: Annotated[MonitoringQuery, Query()]
) -> Response:
    """计划在某一日的总体情况。Status of one plan at a date, in total and by section and agency.

    Without `plan`, the filters must leave exactly one plan; otherwise the plans are in
    `errors[].allowed`.

    For the regular monitoring that notices require (常态化监测机制). Overdue means past a date stated in
    the notice; tasks past only the end of the plan's period are listed apart, in `period_ended`.
    For today, the numbers equal those of the lists. For an earlier date they are computed from the
    reports in force now whose `as_of` is that date or earlier.
    """
    document = await queries.monitoring(reader, params)
    return Response(document.model_dump_json(), media_type="application/json")
