"""`/v1`: the service document."""

from fastapi import APIRouter, Response

from app.access import ReaderDep
from app.routing import Operation
from app.service import queries
from app.service.schemas import Service

router = APIRouter(route_class=Operation, prefix="/v1", tags=["service"])


@router.get("", response_model=Service)
async def get_service(reader: ReaderDep) -> Response:
    """服务说明与全部入口。What this service is, how much it holds, and where everything is."""
    document = await queries.service_document(reader)
    return Response(document.model_dump_json(), media_type="application/json")
