"""`/v1`: the service document."""

from fastapi import APIRouter, Request, Response

from app.http.paths import prefixed
from app.reading.one import base_of
from app.reading.transaction import ReaderDep
from app.resources.service import queries
from app.resources.service.schemas import Service
from app.routing import Operation

router = APIRouter(route_class=Operation, prefix="/v1", tags=["service"])


@router.get("", response_model=Service)
async def get_service(request: Request, reader: ReaderDep) -> Response:
    """服务说明与全部入口。Service document: title, counts of resources, and links to all of them."""
    document = await queries.service_document(reader, prefixed(request.scope, ""), base_of(request))
    return Response(document.model_dump_json(), media_type="application/json")
