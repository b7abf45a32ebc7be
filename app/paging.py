"""Lists: `{data, page}` in a total, stable order, walked by cursors.

A cursor holds the sort key of the last row given and a digest over it and the filters; so page
10,000 costs what page 1 costs, each row comes once while others are written, and a cursor that was
changed or belongs to other filters is refused.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, Row, Select, func, literal, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import FieldError, InvalidCursorError, InvalidParametersError, Words
from app.exports import BATCH, Export, export_of
from app.parameters import PageLimit, Query, ShortText, UtcInstant, many
from app.representations import JSON_TYPE, LIST_FORMATS, ListFormat, chosen
from app.searching import NUMBER, Search, read_search
from app.tables import SearchEntry

DIGEST_BYTES = 12
LARGEST_INTEGER = 2**53  # what JSON carries exactly (RFC 8259, section 6)
NOT_FILTERS = ("cursor", "format", "lang", "limit")
Sorts = Mapping[str, Sequence[tuple[Any, type]]]  # name → expressions and their types


class PageInfo(BaseModel):
    """Where a page stands in its list."""

    limit: int = Field(description="rows on a page, at the most", examples=[100])
    total: int = Field(description="rows of the whole list, exact", examples=[66])
    next: str | None = Field(description="`cursor` of the next page; null on the last one")
    missing: list[str] = Field(description="ids that were asked for by `id` and do not exist")


class Filters(Query):
    """The filters that every list has."""

    id: list[ShortText] = many("only these; ids that do not exist are left aside")
    changed_since: UtcInstant | None = Field(
        default=None, description="only what changed at this moment or later (UTC)"
    )

    def conditions(self, table: Any) -> list[ColumnElement[bool]]:
        """The conditions of the filters that every list has."""
        conditions = [table.withdrawn_at.is_(None)]
        if self.id:
            conditions.append(table.id.in_(self.id))
        if self.changed_since:
            conditions.append(table.changed_at >= self.changed_since)
        return conditions


class ListQuery(Filters):
    """The parameters that every list has."""

    id: list[ShortText] = many("fetch these; ids that do not exist are named in page.missing")
    limit: PageLimit = Field(default=100, description="rows on a page, at the most")
    cursor: ShortText | None = Field(
        default=None, max_length=2000, description="`page.next` of the page before, as it is"
    )
    format: ListFormat | None = Field(
        default=None,
        description="in place of the Accept header; `ndjson` and `csv` give the whole list where "
        "no `limit` is given",
    )


class SearchableFilters(Filters):
    """The filters of a list that can be searched."""

    q: ShortText | None = Field(
        default=None,
        description="words that must all be there, in either script, from one character up; "
        '`"…"` is one word',
        examples=["数据"],
    )


BY_RELEVANCE = ("relevance", "-relevance")
ONLY_WITH_Q = Words("relevance 须与 q 一同使用。", "relevance can only be used together with q.")
SortBasic = Annotated[
    Literal["notice", "-notice", "title", "-title", "changed_at", "-changed_at"],
    Field(description="order; a leading - reverses it"),
]
SortSearchable = Literal[
    "notice", "-notice", "title", "-title", "changed_at", "-changed_at", "relevance", "-relevance",
]  # fmt: skip


async def list_page(
    request: Request,
    session: AsyncSession,
    table: Any,
    wanted: ListQuery,
    conditions: Sequence[ColumnElement[bool]],
    sort: str,
    sorts: Sorts,
) -> Response:
    """One page of the rows that meet the conditions; two statements, three with `q`.

    Where a table was asked for and no limit, the whole list.
    """
    media_type = chosen(request, wanted.format, LIST_FORMATS)
    whole = media_type != JSON_TYPE and "limit" not in wanted.model_fields_set
    matching = [*wanted.conditions(table), *conditions]
    filters = filters_of(request)
    search = None
    if isinstance(wanted, SearchableFilters) and wanted.q:
        search = await read_search(session, [table.__tablename__], wanted.q)
    elif sort in BY_RELEVANCE:
        raise InvalidParametersError(errors=[FieldError("query", "sort", ONLY_WITH_Q)])

    async def read(
        session: AsyncSession, cursor: str | None, limit: int | None = None
    ) -> tuple[Sequence[Row[Any]], str | None]:
        limit = limit or BATCH
        if search and sort in BY_RELEVANCE:
            return await ranked_page(
                session,
                search,
                limit,
                cursor,
                filters,
                lambda found: (
                    found.join(table, table.id == SearchEntry.id).where(*matching)
                ).with_only_columns(table.document),
                reverse=sort.startswith("-"),
            )
        page = select(table.document).where(*matching)
        if search:
            common = search.is_common(limit) and not whole
            page = page.where(search.matching(table, by_reading=common))
        keys = [*sorts[sort.removeprefix("-")], (table.id, str)]
        return await _sorted_page(session, page, keys, limit, cursor, filters, sort)

    if whole:
        return Export(request, table.__tablename__, media_type, read)
    total, missing = await _total_and_missing(session, table, matching, wanted, search)
    rows, cursor = await read(session, wanted.cursor, wanted.limit)
    documents = [row.document for row in rows]
    if media_type == JSON_TYPE:
        info = PageInfo(limit=wanted.limit, total=total, next=cursor, missing=missing)
        body = f'{{"data":[{",".join(documents)}],"page":{info.model_dump_json()}}}'
    else:
        body = export_of(table.__tablename__, media_type, documents)
    return Response(body, media_type=media_type, headers={"Link": links(request, cursor)})


async def _sorted_page(
    session: AsyncSession,
    page: Select[Any],
    keys: Sequence[tuple[Any, type]],
    limit: int,
    cursor: str | None,
    filters: bytes,
    sort: str,
) -> tuple[Sequence[Row[Any]], str | None]:
    """The rows after the cursor in the order of the keys, and the next cursor."""
    expressions = [expression for expression, _ in keys]
    descending = sort.startswith("-")
    page = page.add_columns(*expressions)
    if cursor:
        last = _read_cursor(cursor, filters, [kind for _, kind in keys])
        here = tuple_(*expressions)
        after = tuple_(
            *(literal(value, e.type) for value, e in zip(last, expressions, strict=True))
        )
        page = page.where(here < after if descending else here > after)
    page = page.order_by(*(e.desc() if descending else e.asc() for e in expressions))
    rows = (await session.execute(page.limit(limit + 1))).all()
    if len(rows) <= limit:
        return rows, None
    rows = rows[:limit]
    return rows, _write_cursor(rows[-1][1:], filters)


async def ranked_page(
    session: AsyncSession,
    search: Search,
    limit: int,
    cursor: str | None,
    filters: bytes,
    columns: Callable[[Select[Any]], Any],
    *,
    reverse: bool = False,
) -> tuple[Sequence[Row[Any]], str | None]:
    """The rows after the cursor by relevance, and the next cursor; one statement.

    `columns` says which columns of which of the found entries; `number` and `arm` come after them.
    A cursor holds the rarities that it began with, so that a walk keeps its order while others
    write.
    """
    arms, start, after = search.arms(), None, None
    if cursor:
        entries, matches, start, after = _read_cursor(cursor, filters, [int, list, int, int])
        if len(matches) != len(search.words) or min(entries, *matches) < 0:
            raise _invalid_cursor()
        search = replace(search, entries=entries, matches=matches)
        arms = search.arms()
        if not 0 <= start < len(arms):
            raise _invalid_cursor()
    order = list(reversed(range(len(arms)))) if reverse else list(range(len(arms)))
    parts = []
    for place in order if start is None else order[order.index(start) :]:
        found = columns(search.in_arm(arms[place])).add_columns(
            NUMBER.label("number"), literal(place).label("arm")
        )
        if place == start:
            found = found.where(after > NUMBER if reverse else after < NUMBER)
        found = found.order_by(NUMBER.desc() if reverse else NUMBER).limit(limit + 1)
        parts.append(select(*found.subquery().c))
    rows = (await session.execute(union_all(*parts).limit(limit + 1))).all()
    if len(rows) <= limit:
        return rows, None
    rows = rows[:limit]
    last = [search.entries, list(search.matches), rows[-1].arm, rows[-1].number]
    return rows, _write_cursor(last, filters)


async def _total_and_missing(
    session: AsyncSession,
    table: Any,
    matching: Sequence[ColumnElement[bool]],
    wanted: ListQuery,
    search: Search | None,
) -> tuple[int, list[str]]:
    """How long the list is, and which of the ids that were asked for do not exist."""
    ids = wanted.id
    counted = select(func.count(), literal("")).select_from(table).where(*matching)
    if search:
        alone = len(matching) == 1  # but for what is withdrawn, which search does not see
        if alone and search.exact_total is not None:
            return search.exact_total, []
        if alone:
            counted = search.indexed().with_only_columns(func.count(), literal(""))
        else:
            common = search.is_common(wanted.limit)
            counted = counted.where(search.matching(table, by_reading=common))
    there = select(literal(-1), table.id).where(table.id.in_(ids), table.withdrawn_at.is_(None))
    rows = (await session.execute(union_all(counted, there) if ids else counted)).all()
    found = {id_ for _, id_ in rows}
    total = max(number for number, _ in rows)
    return total, [id_ for id_ in dict.fromkeys(ids) if id_ not in found]


def filters_of(request: Request) -> bytes:
    """What makes two lists the same list, whatever the order of the parameters."""
    given = [item for item in request.query_params.multi_items() if item[0] not in NOT_FILTERS]
    return json.dumps([request.url.path, sorted(given)]).encode()


def links(request: Request, cursor: str | None) -> str:
    """The `Link` header (RFC 8288): the first page, and the next where there is one."""
    given = [item for item in request.query_params.multi_items() if item[0] != "cursor"]
    path = request.scope.get("root_path", "") + request.url.path

    def link(items: Sequence[tuple[str, str]], relation: str) -> str:
        query = f"?{urlencode(items)}" if items else ""
        return f'<{path}{query}>; rel="{relation}"'

    links = [link(given, "first")]
    if cursor:
        links.insert(0, link([*given, ("cursor", cursor)], "next"))
    return ", ".join(links)


def _digest(payload: bytes, filters: bytes) -> bytes:
    return hashlib.blake2b(payload, key=hashlib.sha256(filters).digest()).digest()[:DIGEST_BYTES]


def _write_cursor(last: Iterable[Any], filters: bytes) -> str:
    values = [v.isoformat() if isinstance(v, date) else v for v in last]
    payload = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_digest(payload, filters) + payload).decode().rstrip("=")


def _read_cursor(cursor: str, filters: bytes, kinds: Sequence[type]) -> list[Any]:
    try:
        packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        canonical = base64.urlsafe_b64encode(packed).decode().rstrip("=") == cursor
        digest, payload = packed[:DIGEST_BYTES], packed[DIGEST_BYTES:]
        if not canonical or digest != _digest(payload, filters):
            raise _invalid_cursor()
        values = json.loads(payload)
        return [_typed(value, kind) for value, kind in zip(values, kinds, strict=True)]
    except (binascii.Error, ValueError, TypeError):
        raise _invalid_cursor() from None


def _typed(value: Any, kind: type) -> Any:
    if kind is datetime:
        return datetime.fromisoformat(value).astimezone(UTC)
    if kind is date:
        return date.fromisoformat(value)
    if kind is list:
        return [_typed(one, int) for one in [*value]]
    too_large = isinstance(value, int) and abs(value) > LARGEST_INTEGER
    if type(value) is not kind or too_large:
        raise TypeError(kind)
    return value


def _invalid_cursor() -> InvalidCursorError:
    return InvalidCursorError(errors=[FieldError("query", "cursor", InvalidCursorError.meaning)])
