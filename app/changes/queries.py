"""Reading the change feed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import Request, Response
from sqlalchemy import Row, bindparam, literal, select, union_all

from app.changes.schemas import Change, ChangePage, ChangePageInfo, ChangeQuery
from app.cursors import filters_of, read_cursor, write_cursor
from app.database import Reader
from app.errors import HistoryChangedError
from app.feed import FEED_HEAD
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
LAST_AT = select(ChangeRow.at).order_by(ChangeRow.seq.desc()).limit(1)
LAST = FEED_HEAD.add_columns(LAST_AT.scalar_subquery())
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
    epoch: str
    head: int
    last_at: datetime | None  # null: nothing has changed yet


async def recent_changes(reader: Reader, before: int | None, limit: int) -> Recent:
    """The last changes, or the last before a number; three statements."""
    epoch, head, last_at = (await reader.execute(LAST)).one()
    below = head + 1 if before is None else before
    found = await reader.execute(BEFORE, {"before": below, "rows": limit})
    changes = found.all()
    ids: dict[str, list[str]] = {name: [] for name in RESOURCES}
    for change in changes:
        ids[change.resource].append(change.id)
    rows = await reader.execute(DOCUMENTS, ids)
    documents = {(row.resource, row.id): row.document for row in rows}
    return Recent(changes, documents, epoch, head, last_at)


async def list_changes(request: Request, reader: Reader, params: ChangeQuery) -> Response:
    """A page of the feed; two statements. Raises HistoryChangedError."""
    filters = filters_of(request)
    epoch, head = (await reader.execute(FEED_HEAD)).one()
    after = _start(params, filters, epoch, head)
    rows = (await reader.execute(AFTER, {"after": after, "rows": params.limit})).all()
    scanned_to = rows[-1].seq if rows else head
    cursor = write_cursor([epoch, scanned_to], filters) if scanned_to < head else None
    page = ChangePage(
        data=[Change.model_validate(row, from_attributes=True) for row in rows],
        page=ChangePageInfo(
            limit=params.limit,
            total=head - params.after,
            next=cursor,
            head=head,
            epoch=epoch,
            scanned_to=scanned_to,
        ),
    )
    headers = links(request, cursor)
    return Response(page.model_dump_json(), media_type="application/json", headers=headers)


def _start(params: ChangeQuery, filters: bytes, epoch: str, head: int) -> int:
    """The number after which a page begins; raises HistoryChangedError."""
    if params.epoch not in (None, epoch):
        raise HistoryChangedError("epoch", epoch, head)
    if params.after > head:
        raise HistoryChangedError("after", epoch, head)
    if not params.cursor:
        return params.after
    of_cursor, seq = read_cursor(params.cursor, filters, [str, int])
    if of_cursor != epoch or seq > head:
        raise HistoryChangedError("cursor", epoch, head)
    return int(seq)
