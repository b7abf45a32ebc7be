"""The queries of checkpoints."""

import json
from datetime import UTC, datetime
from typing import Any

from fastapi import Request, Response
from sqlalchemy import Row, bindparam, select

from app.db.engine import Reader
from app.db.models import AuditLine
from app.db.revision import changes_apart
from app.http.media_types import JSON_TYPE
from app.reading.cursors import filters_of, read_cursor, write_cursor
from app.reading.list_params import PageInfo
from app.reading.paging import links
from app.resources.audit.schemas import Checkpoint, CheckpointPage, CheckpointQuery

AFTER = (
    select(*AuditLine.__table__.columns)
    .where(AuditLine.seq > bindparam("after"))
    .order_by(AuditLine.seq)
    .limit(bindparam("rows"))
)
LAST = select(AuditLine.seq, AuditLine.line).order_by(AuditLine.seq.desc()).limit(1)
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


async def list_checkpoints(request: Request, reader: Reader, params: CheckpointQuery) -> Response:
    """A page of checkpoints; two statements."""
    filters, after = filters_of(request), params.after
    if params.cursor:
        (after,) = read_cursor(params.cursor, filters, [int])
    rows = (await reader.execute(AFTER, {"after": after, "rows": params.limit})).all()
    newest = (await reader.execute(LAST)).one_or_none()
    last = newest.seq if newest else 0
    # A rejected request has a line, though it changes no other public data.
    changes_apart(request.scope, _time_of(newest) if newest else NEVER)
    cursor = write_cursor([rows[-1].seq], filters) if rows and rows[-1].seq < last else None
    page = CheckpointPage(
        data=[Checkpoint(seq=r.seq, at=_time_of(r), hash=r.hash) for r in rows],
        page=PageInfo(
            limit=params.limit, total=max(0, last - params.after), next=cursor, missing=[]
        ),
    )
    body = page.model_dump_json()
    return Response(body, media_type=JSON_TYPE, headers=links(request, cursor))


def _time_of(line: Row[Any]) -> datetime:
    """The time recorded in a line."""
    return datetime.fromisoformat(json.loads(line.line)["at"])
