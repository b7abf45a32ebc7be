"""Reading checkpoints."""

import json

from fastapi import Request, Response
from sqlalchemy import bindparam, func, select

from app.audit.schemas import Checkpoint, CheckpointPage, CheckpointQuery
from app.cursors import filters_of, read_cursor, write_cursor
from app.database import Reader
from app.listings import PageInfo
from app.paging import links
from app.representations import JSON_TYPE
from app.tables import AuditLine

AFTER = (
    select(*AuditLine.__table__.columns)
    .where(AuditLine.seq > bindparam("after"))
    .order_by(AuditLine.seq)
    .limit(bindparam("rows"))
)
LAST = select(func.coalesce(func.max(AuditLine.seq), 0))


async def list_checkpoints(request: Request, reader: Reader, wanted: CheckpointQuery) -> Response:
    """A page of checkpoints; two statements."""
    filters, after = filters_of(request), wanted.after
    if wanted.cursor:
        (after,) = read_cursor(wanted.cursor, filters, [int])
    rows = (await reader.execute(AFTER, {"after": after, "rows": wanted.limit})).all()
    last = int((await reader.execute(LAST)).scalar_one())
    cursor = write_cursor([rows[-1].seq], filters) if rows and rows[-1].seq < last else None
    page = CheckpointPage(
        data=[Checkpoint(seq=r.seq, at=json.loads(r.line)["at"], hash=r.hash) for r in rows],
        page=PageInfo(
            limit=wanted.limit, total=max(0, last - wanted.after), next=cursor, missing=[]
        ),
    )
    body = page.model_dump_json()
    return Response(body, media_type=JSON_TYPE, headers=links(request, cursor))
