"""`/v1/monitoring`: how a plan stands at a day."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.reading.transaction import ReaderDep
from app.resources.monitoring import queries
from app.resources.monitoring.schemas import Monitoring, MonitoringQuery
from app.routing import Operation

router = APIRouter(route_class=Operation, prefix="/v1", tags=["monitoring"])


@router.get("/monitoring", response_model=Monitoring)
async def get_monitoring(
    reader: ReaderDep, wanted: Annotated[MonitoringQuery, Query()]
) -> Response:
    """计划在某一日的总体情况。How a plan stands at a day: by status, section and agency.

    For the regular monitoring that notices ask for (常态化监测机制). What is overdue is so by a date that
    the notice states; what only the end of the plan's period ended is apart, in `period_ended`.
    At today it has the numbers that
    the lists give; at an earlier day, what is said now to have been true of that day.
    """
    document = await queries.monitoring(reader, wanted)
    return Response(document.model_dump_json(), media_type="application/json")
