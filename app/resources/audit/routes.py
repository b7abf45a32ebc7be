"""`/v1/audit/checkpoints`: hashes for independent verification of the audit log."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.http.problems import InvalidCursorError, documented
from app.reading.transaction import ReaderDep
from app.resources.audit import queries
from app.resources.audit.schemas import CheckpointPage, CheckpointQuery
from app.routing import Operation

router = APIRouter(route_class=Operation, prefix="/v1/audit", tags=["audit"])


@router.get("/checkpoints", response_model=CheckpointPage, responses=documented(InvalidCursorError))
async def list_checkpoints(
    request: Request, reader: ReaderDep, params: Annotated[CheckpointQuery, Query()]
) -> Response:
    """审计日志的校验点。Lists checkpoints of the audit log: the hash of each line.

    Store some of them to verify the log later: a log that was changed, truncated or replaced
    by an older copy no longer matches them. The operator holds the log itself.
    """
    return await queries.list_checkpoints(request, reader, params)
