"""Reading the change feed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import Request, Response
from sqlalchemy import Row, bindparam, literal, select, union_all

from app.changes.schemas import Change, ChangePage, ChangeQuery
from app.cursors import filters_of, read_cursor, write_cursor
from app.database import Reader
from app.feed import LAST_SEQ
from app.listings import PageInfo
from app.paging import links
from app.reading import list_path
from app.tables import RESOURCES
from app.tables import Change as ChangeRow

AFTER = (
    select(*ChangeRow.__table__.columns)
    .where(ChangeRow.seq > bindparam("after"))
    .order_by(ChangeRow.seq)
    .limit(bindparam("rows"))
)
BEFORE = (
    select(*ChangeRow.__table__.columns)
    .where(ChangeRow.seq < bindparam("before"))
    .order_by(ChangeRow.seq.desc())
    .limit(bindparam("rows"))
)
LAST = select(ChangeRow.seq, ChangeRow.at).order_by(ChangeRow.seq.desc()).limit(1)
PATHS = {name: list_path(table) for name, table in RESOURCES.items()}
# What changed, of each kind; the documents of what was withdrawn are kept.
DOCUMENTS = union_all(
    *(
        select(literal(name).label("resource"), table.id, table.document).where(
            table.id.in_(bindparam(name, expanding=True))
        )
        for name, table in RESOURCES.items()
    )
)


@dataclass(frozen=True)
class Recent:
    """Changes, newest first, and what they are of as it is now."""

    changes: Sequence[Row[Any]]
    documents: Mapping[tuple[str, str], str]  # (resource, id) → JSON
    last_seq: int
    last_at: datetime | None  # null: nothing has changed yet


async def recent_changes(reader: Reader, before: int | None, limit: int) -> Recent:
    """The last changes, or the last before a number; three statements."""
    last = (await reader.execute(LAST)).one_or_none()
    seq = last.seq if last else 0
    below = seq + 1 if before is None else before
    found = await reader.execute(BEFORE, {"before": below, "rows": limit})
    changes = found.all()
    ids: dict[str, list[str]] = {name: [] for name in RESOURCES}
    for change in changes:
        ids[change.resource].append(change.id)
    rows = await reader.execute(DOCUMENTS, ids)
    documents = {(row.resource, row.id): row.document for row in rows}
    return Recent(changes, documents, seq, last.at if last else None)


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
    headers = links(request, cursor)
    return Response(page.model_dump_json(), media_type="application/json", headers=headers)
