"""The queries of the change feed.

A filtered page scans a bounded range of the feed, however few changes match, and states the last
scanned number, so that a client continues from there and misses nothing.
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
    ShortText,
    exact_integer,
    many,
)
from app.http.problems import HistoryChangedError
from app.kinds import BY_NAME, KINDS, PublishedKind
from app.projections.change_feed import FEED_HEAD
from app.reading.cursors import filters_of, read_cursor, write_cursor
from app.reading.filters import Filter, among, conditions, declared, one_of
from app.reading.governments import GovernmentFilters
from app.reading.list_params import AGENCY
from app.reading.listing import Values, read_values
from app.reading.names import Lookup
from app.reading.paging import links
from app.resources.changes.schemas import MOST_SCANNED, Change, ChangePage, ChangePageInfo

FIRST: BindParameter[int] = bindparam("first")
LAST: BindParameter[int] = bindparam("last")
LAST_AT = select(ChangeRow.at).order_by(ChangeRow.seq.desc()).limit(1)
HEAD = FEED_HEAD.add_columns(LAST_AT.scalar_subquery().label("last_at"))
# The current documents of changed resources; those of withdrawn ones are still stored.
DOCUMENTS = union_all(
    *(
        select(literal(kind.name).label("resource"), kind.model.id, kind.model.document).where(
            kind.model.id.in_(bindparam(kind.name, expanding=True))
        )
        for kind in KINDS
    )
)
# Both tables are read only within the range that a page scans.
CONCERNING = Filter(
    lambda _, name: ChangeRow.seq.in_(
        select(ChangeAgency.seq).where(
            between(ChangeAgency.seq, FIRST, LAST), one_of(ChangeAgency.agency_id, name)
        )
    ),
    lookup=AGENCY,
)


Seq = Annotated[int, Field(ge=0, le=999_999_999), BeforeValidator(exact_integer)]


class ChangeFilters(GovernmentFilters):
    """The filters of the change feed; each may be repeated."""

    resource: Annotated[list[PublishedKind], among(ChangeRow.resource)] = many(
        "Kind of the changed resource."
    )
    plan: Annotated[list[ShortText], among(ChangeRow.plan_id, lookup=Lookup(Plan.id))] = many(
        "Plan ID: changes of the plan and of everything in it; jurisdictions, agencies "
        "and platforms belong to no plan."
    )
    agency: Annotated[list[ShortText], CONCERNING] = many(
        "ID or any name of an agency: changes of the agency, of its own reports, and of tasks "
        "assigned to it before or after the change, including reports of others on these tasks.",
        examples=[["省公安厅"]],
    )


class ChangeQuery(ChangeFilters):
    """The parameters of the change feed."""

    after: Seq = Field(
        default=0,
        description="Only changes with a higher `seq`: the `seq` of a download, or "
        "`page.scanned_to` of the previous page.",
    )
    epoch: EpochText | None = Field(
        default=None,
        description="Epoch of `after`, from the same download or `page`; if the feed has another "
        "epoch now, it returns 410.",
    )
    limit: PageLimit = Field(default=100, description="Maximum number of rows per page.")
    cursor: CursorText | None = Field(
        default=None, description="`page.next` of the previous page, unchanged."
    )


class RecentQuery(ChangeFilters):
    """The parameters of the Atom feed."""

    before: Seq | None = Field(
        default=None,
        description="Only changes with a lower `seq`; the `next` link of a page contains it.",
    )
    limit: PageLimit = Field(default=100, description="Maximum number of entries per page.")


FILTERS = declared(ChangeFilters)


@dataclass(frozen=True)
class Recent:
    """Recent changes, newest first, with each resource's current document."""

    changes: Sequence[Row[Any]]
    documents: Mapping[tuple[str, str], str]  # (resource, id) → JSON
    filters: Values
    epoch: str
    head: int
    last_at: datetime | None  # None: nothing has changed yet
    scanned_from: int  # the lowest number that was scanned


async def recent_changes(reader: Reader, params: RecentQuery) -> Recent:
    """The last changes, or the last before a number; at most four statements."""
    epoch, head, last_at = (await reader.execute(HEAD)).one()
    filters = await read_values(reader, params, FILTERS, {})
    before = head + 1 if params.before is None else min(params.before, head + 1)
    first = max(1, before - MOST_SCANNED) if filters else 1
    page = _scan(frozenset(filters)).order_by(ChangeRow.seq.desc()).limit(params.limit)
    scanned = {"first": first, "last": before - 1}
    changes = (await reader.execute(page, {**filters, **scanned})).all()
    ids: dict[str, list[str]] = {name: [] for name in BY_NAME}
    for change in changes:
        ids[change.resource].append(change.id)
    rows = await reader.execute(DOCUMENTS, ids)
    documents = {(row.resource, row.id): row.document for row in rows}
    scanned_from = changes[-1].seq if len(changes) == params.limit else min(first, before)
    return Recent(changes, documents, filters, epoch, head, last_at, scanned_from)


async def list_changes(request: Request, reader: Reader, params: ChangeQuery) -> Response:
    """A page of the feed; at most four statements. Raises HistoryChangedError."""
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
    """The number after which a page starts; raises HistoryChangedError."""
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
    """The number of changes after a number; with filters one statement, None if too many."""
    if not filters:
        return head - after
    if head - after > MOST_SCANNED:
        return None
    counted = _scan(frozenset(filters)).with_only_columns(func.count())
    scanned = {"first": after + 1, "last": head}
    return int((await reader.execute(counted, {**filters, **scanned})).scalar_one())


@lru_cache
def _scan(filters: frozenset[str]) -> Select[Any]:
    """The changes in a range of numbers that meet the filters."""
    active = frozenset((name, True) for name in filters)
    in_range = between(ChangeRow.seq, FIRST, LAST)
    columns = ChangeRow.__table__.columns
    return select(*columns).where(in_range, *conditions(ChangeRow, FILTERS, active))


def _change(row: Row[Any]) -> Change:
    labels = {
        **labelled("op", row.op),
        **labelled("resource", PublishedKind(row.resource)),
    }
    return Change.model_validate({**row._mapping, **labels})
