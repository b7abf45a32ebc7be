"""Reading the change feed.

A filtered page looks at a bounded stretch of the feed, whatever fits: what it has looked at is
stated, so that a reader goes on from there and misses nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import BeforeValidator, Field
from sqlalchemy import (
    BindParameter,
    Row,
    Select,
    between,
    bindparam,
    func,
    literal,
    select,
    union_all,
)

from app.db.engine import Reader
from app.db.models import Change as ChangeRow
from app.db.models import ChangeAgency, Plan
from app.enums import labelled
from app.http.parameters import (
    CursorText,
    EpochText,
    PageLimit,
    Query,
    ShortText,
    exact_integer,
    many,
)
from app.http.problems import HistoryChangedError
from app.kinds import BY_NAME, KINDS, PublishedKind
from app.projections.change_feed import FEED_HEAD
from app.reading.cursors import filters_of, read_cursor, write_cursor
from app.reading.filters import Filter, among, conditions, declared, one_of
from app.reading.list_params import AGENCY
from app.reading.listing import Values, read_values
from app.reading.names import Lookup
from app.reading.paging import links
from app.resources.changes.schemas import MOST_SCANNED, Change, ChangePage, ChangePageInfo

FIRST: BindParameter[int] = bindparam("first")
LAST: BindParameter[int] = bindparam("last")
LAST_AT = select(ChangeRow.at).order_by(ChangeRow.seq.desc()).limit(1)
HEAD = FEED_HEAD.add_columns(LAST_AT.scalar_subquery().label("last_at"))
# What changed, of each kind; the documents of what was withdrawn are kept.
DOCUMENTS = union_all(
    *(
        select(literal(kind.name).label("resource"), kind.model.id, kind.model.document).where(
            kind.model.id.in_(bindparam(kind.name, expanding=True))
        )
        for kind in KINDS
    )
)
# Both tables are read only within the stretch that a page covers.
CONCERNING = Filter(
    lambda _, name: ChangeRow.seq.in_(
        select(ChangeAgency.seq).where(
            between(ChangeAgency.seq, FIRST, LAST), one_of(ChangeAgency.agency_id, name)
        )
    ),
    lookup=AGENCY,
)


Seq = Annotated[int, Field(ge=0, le=999_999_999), BeforeValidator(exact_integer)]


class ChangeFilters(Query):
    """Which changes are wanted; each of these may be repeated."""

    resource: Annotated[list[PublishedKind], among(ChangeRow.resource)] = many(
        "kind of what changed"
    )
    plan: Annotated[list[ShortText], among(ChangeRow.plan_id, lookup=Lookup(Plan.id))] = many(
        "id of a plan: it and all that is of it; agencies and platforms are of no plan"
    )
    agency: Annotated[list[ShortText], CONCERNING] = many(
        "id or any name: changes of the agency, of what it reports, and of what is assigned to it "
        "before or after the change, with what others report on that",
        examples=[["省公安厅"]],
    )


class ChangeQuery(ChangeFilters):
    """From where on the feed is wanted."""

    after: Seq = Field(
        default=0,
        description="only changes with a higher `seq`: that of a download, or `page.scanned_to`",
    )
    epoch: EpochText | None = Field(
        default=None,
        description="the history that `after` counts in, as a download or `page` states it; 410 once "
        "the feed has another one",
    )
    limit: PageLimit = Field(default=100, description="rows on a page, at the most")
    cursor: CursorText | None = Field(
        default=None, description="`page.next` of the page before, as it is"
    )


class RecentQuery(ChangeFilters):
    """How far back the feed for readers goes."""

    before: Seq | None = Field(
        default=None,
        description="only changes with a lower `seq`; the `next` link of a page has it",
    )
    limit: PageLimit = Field(default=100, description="entries on a page, at the most")


FILTERS = declared(ChangeFilters)


@dataclass(frozen=True)
class Recent:
    """Changes, newest first, and what they are of as it is now."""

    changes: Sequence[Row[Any]]
    documents: Mapping[tuple[str, str], str]  # (resource, id) → JSON
    filters: Values
    epoch: str
    head: int
    last_at: datetime | None  # null: nothing has changed yet
    scanned_from: int  # the lowest number that was looked at


async def recent_changes(reader: Reader, params: RecentQuery) -> Recent:
    """The last changes, or the last before a number; four statements at most."""
    epoch, head, last_at = (await reader.execute(HEAD)).one()
    filters = await read_values(reader, params, FILTERS, {})
    before = head + 1 if params.before is None else min(params.before, head + 1)
    first = max(1, before - MOST_SCANNED) if filters else 1
    page = _scan(frozenset(filters)).order_by(ChangeRow.seq.desc()).limit(params.limit)
    stretch = {"first": first, "last": before - 1}
    changes = (await reader.execute(page, {**filters, **stretch})).all()
    ids: dict[str, list[str]] = {name: [] for name in BY_NAME}
    for change in changes:
        ids[change.resource].append(change.id)
    rows = await reader.execute(DOCUMENTS, ids)
    documents = {(row.resource, row.id): row.document for row in rows}
    scanned_from = changes[-1].seq if len(changes) == params.limit else min(first, before)
    return Recent(changes, documents, filters, epoch, head, last_at, scanned_from)


async def list_changes(request: Request, reader: Reader, params: ChangeQuery) -> Response:
    """A page of the feed; four statements at most. Raises HistoryChangedError."""
    same_list = filters_of(request)
    epoch, head = (await reader.execute(FEED_HEAD)).one()
    after = _start(params, same_list, epoch, head)
    filters = await read_values(reader, params, FILTERS, {})
    last = min(after + MOST_SCANNED, head) if filters else head
    page = _scan(frozenset(filters)).order_by(ChangeRow.seq).limit(params.limit)
    rows = (await reader.execute(page, {**filters, "first": after + 1, "last": last})).all()
    scanned_to = rows[-1].seq if len(rows) == params.limit else last
    cursor = write_cursor([epoch, scanned_to], same_list) if scanned_to < head else None
    info = ChangePageInfo(
        limit=params.limit,
        total=await _total(reader, filters, params.after, head),
        next=cursor,
        head=head,
        epoch=epoch,
        scanned_to=scanned_to,
    )
    data = [_change(row) for row in rows]
    body = ChangePage(data=data, page=info).model_dump_json()
    headers = links(request, cursor)
    return Response(body, media_type="application/json", headers=headers)


def _start(params: ChangeQuery, same_list: bytes, epoch: str, head: int) -> int:
    """The number after which a page begins; raises HistoryChangedError."""
    plan = params.plan[0] if len(params.plan) == 1 else None
    if params.epoch not in (None, epoch):
        raise HistoryChangedError("epoch", epoch, head, plan)
    if params.after > head:
        raise HistoryChangedError("after", epoch, head, plan)
    if not params.cursor:
        return params.after
    of_cursor, seq = read_cursor(params.cursor, same_list, [str, int])
    if of_cursor != epoch or seq > head:
        raise HistoryChangedError("cursor", epoch, head, plan)
    return int(seq)


async def _total(reader: Reader, filters: Values, after: int, head: int) -> int | None:
    """How many changes there are after a number; with filters one statement, or not counted."""
    if not filters:
        return head - after
    if head - after > MOST_SCANNED:
        return None
    counted = _scan(frozenset(filters)).with_only_columns(func.count())
    stretch = {"first": after + 1, "last": head}
    return int((await reader.execute(counted, {**filters, **stretch})).scalar_one())


@lru_cache
def _scan(given: frozenset[str]) -> Select[Any]:
    """The changes of a stretch that the filters leave."""
    active = frozenset((name, True) for name in given)
    stretch = between(ChangeRow.seq, FIRST, LAST)
    columns = ChangeRow.__table__.columns
    return select(*columns).where(stretch, *conditions(ChangeRow, FILTERS, active))


def _change(row: Row[Any]) -> Change:
    labels = {
        **labelled("op", row.op),
        **labelled("resource", PublishedKind(row.resource)),
    }
    return Change.model_validate({**row._mapping, **labels})
