"""`/v1/audit/checkpoints`: hashes by which anybody can witness that the log stays as it was."""

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
    request: Request, reader: ReaderDep, wanted: Annotated[CheckpointQuery, Query()]
) -> Response:
    """审计日志的校验点。Checkpoints of the audit log: the hash of each line.

    Who keeps some is a witness: a log that was changed, cut or replaced by an older copy does not
    fit them any more. The log itself is with the operator.
    """
    return await queries.list_checkpoints(request, reader, wanted)
