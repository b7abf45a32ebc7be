"""Reading the change feed."""

from fastapi import Request, Response
from sqlalchemy import bindparam, select

from app.changes.schemas import Change, ChangePage, ChangeQuery
from app.cursors import filters_of, read_cursor, write_cursor
from app.database import Reader
from app.feed import LAST_SEQ
from app.listings import PageInfo
from app.paging import links
from app.tables import Change as ChangeRow

AFTER = (
    select(*ChangeRow.__table__.columns)
    .where(ChangeRow.seq > bindparam("after"))
    .order_by(ChangeRow.seq)
    .limit(bindparam("rows"))
)


async def list_changes(request: Request, reader: Reader, wanted: ChangeQuery) -> Response:
    """A page of the feed; two statements."""
    filters, after = filters_of(request), wanted.after
    if wanted.cursor:
        (after,) = read_cursor(wanted.cursor, filters, [int])
    rows = (await reader.execute(AFTER, {"after": after, "rows": wanted.limit})).all()
    last = int((await reader.execute(LAST_SEQ)).scalar_one())
    more = bool(rows) and rows[-1].seq < last
    cursor = write_cursor([rows[-1].seq], filters) if more else None
    page = ChangePage(
        data=[Change.model_validate(row, from_attributes=True) for row in rows],
        page=PageInfo(
            limit=wanted.limit, total=max(0, last - wanted.after), next=cursor, missing=[]
        ),
    )
    headers = {"Link": links(request, cursor)}
    return Response(page.model_dump_json(), media_type="application/json", headers=headers)
