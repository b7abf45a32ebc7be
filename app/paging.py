"""Lists: `{data, page}` in a total, stable order, walked by cursors.

A cursor holds the sort key of the last row given and a digest over it and the filters; so page
10,000 costs what page 1 costs, each row comes once while others are written, and a cursor that was
changed or belongs to other filters is refused.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, Row, func, literal, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import FieldError, InvalidCursorError
from app.parameters import PageLimit, Query, ShortText, UtcInstant, many

DIGEST_BYTES = 12
NOT_FILTERS = ("cursor", "limit")
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


SortBasic = Annotated[
    Literal["notice", "-notice", "title", "-title", "changed_at", "-changed_at"],
    Field(description="order; a leading - reverses it"),
]


async def list_page(
    request: Request,
    session: AsyncSession,
    table: Any,
    wanted: ListQuery,
    conditions: Sequence[ColumnElement[bool]],
    sort: str,
    sorts: Sorts,
) -> Response:
    """One page of the rows that meet the conditions; two statements."""
    keys = [*sorts[sort.removeprefix("-")], (table.id, str)]
    expressions = [expression for expression, _ in keys]
    descending = sort.startswith("-")
    filters = _filters(request)
    matching = [*wanted.conditions(table), *conditions]
    total, missing = await _total_and_missing(session, table, matching, wanted.id)
    page = select(table.document, *expressions).where(*matching)
    if wanted.cursor:
        last = _read_cursor(wanted.cursor, filters, [kind for _, kind in keys])
        here = tuple_(*expressions)
        after = tuple_(
            *(literal(value, e.type) for value, e in zip(last, expressions, strict=True))
        )
        page = page.where(here < after if descending else here > after)
    page = page.order_by(*(e.desc() if descending else e.asc() for e in expressions))
    rows = (await session.execute(page.limit(wanted.limit + 1))).all()
    cursor = None
    if len(rows) > wanted.limit:
        rows = rows[: wanted.limit]
        cursor = _write_cursor(rows[-1], filters)
    info = PageInfo(limit=wanted.limit, total=total, next=cursor, missing=missing)
    body = f'{{"data":[{",".join(row.document for row in rows)}],"page":{info.model_dump_json()}}}'
    return Response(body, media_type="application/json", headers={"Link": _links(request, cursor)})


async def _total_and_missing(
    session: AsyncSession, table: Any, matching: Sequence[ColumnElement[bool]], ids: Sequence[str]
) -> tuple[int, list[str]]:
    """How long the list is, and which of the ids that were asked for do not exist."""
    counted = select(func.count(), literal("")).select_from(table).where(*matching)
    there = select(literal(-1), table.id).where(table.id.in_(ids), table.withdrawn_at.is_(None))
    rows = (await session.execute(union_all(counted, there) if ids else counted)).all()
    found = {id_ for _, id_ in rows}
    total = max(number for number, _ in rows)
    return total, [id_ for id_ in dict.fromkeys(ids) if id_ not in found]


def _filters(request: Request) -> bytes:
    """What makes two lists the same list, whatever the order of the parameters."""
    given = [item for item in request.query_params.multi_items() if item[0] not in NOT_FILTERS]
    return json.dumps([request.url.path, sorted(given)]).encode()


def _links(request: Request, cursor: str | None) -> str:
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


def _write_cursor(row: Row[Any], filters: bytes) -> str:
    values: list[Any] = list(row[1:])
    values = [v.isoformat() if isinstance(v, date) else v for v in values]
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
    if type(value) is not kind:
        raise TypeError(kind)
    return value


def _invalid_cursor() -> InvalidCursorError:
    return InvalidCursorError(errors=[FieldError("query", "cursor", InvalidCursorError.meaning)])
