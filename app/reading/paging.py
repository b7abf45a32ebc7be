"""Lists: `{data, page}` in a total, stable order, walked by cursors.

Page 10,000 costs what page 1 costs, and each row comes once while others are written.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from sqlalchemy import Row, Select, bindparam, literal, select, union_all

from app.db.engine import Reader
from app.db.models import SearchEntry, SearchGram
from app.formats.xlsx import MOST_ROWS
from app.http.languages import language_of
from app.http.media_types import JSON_TYPE, LIST_FORMATS, XLSX_TYPE, attachment, chosen, header_for
from app.http.paths import prefixed
from app.http.problems import FieldError, InvalidParametersError, Message
from app.kinds import BY_NAME
from app.projections.ngrams import ANYWHERE, SEARCHED, marked
from app.reading.cursors import filters_of, invalid_cursor, read_cursor, write_cursor
from app.reading.exports import BATCH, Export, export_of
from app.reading.list_params import ListQuery, PageInfo, SearchableFilters
from app.reading.listing import (
    Listing,
    Totals,
    Values,
    count_statement,
    existing_statement,
    page_statement,
)
from app.reading.search import Search, read_search

BY_RELEVANCE = ("relevance", "-relevance")
ONLY_WITH_Q = Message("relevance 须与 q 一同使用。", "relevance can only be used together with q.")
TOO_MANY_ROWS = FieldError(
    "query",
    "format",
    Message(
        f"一张工作表最多 {MOST_ROWS} 行；请用筛选、limit，或 csv、ndjson。",
        f"A sheet holds {MOST_ROWS} rows at most; use filters, limit, csv or ndjson.",
    ),
)
LONGEST_LINK = 2_000  # bytes
GRAM = select(SearchGram.entries).where(SearchGram.gram == bindparam("gram"))
Rows = Sequence[Row[Any]]


async def list_page(
    request: Request,
    reader: Reader,
    listing: Listing,
    params: ListQuery,
    sort: str,
    below: str | None = None,
) -> Response:
    """One page of a list; at most three statements, five with `q` and `id`.

    Where a table was asked for and no limit, the whole list.  `below` is the id of what the list is
    below.
    """
    media_type = chosen(request, params.format, LIST_FORMATS)
    header = header_for(media_type, params.header)
    whole = media_type != JSON_TYPE and "limit" not in params.model_fields_set
    values = await listing.values(reader, params)
    if below is not None:
        values["below"] = below
    kind = BY_NAME[listing.table.__tablename__]
    search = None
    if isinstance(params, SearchableFilters) and params.q:
        search = await read_search(reader, [kind.name], params.q)
    elif sort in BY_RELEVANCE:
        raise InvalidParametersError(errors=[FieldError("query", "sort", ONLY_WITH_Q)])
    totals: Totals = request.app.state.totals
    filters = filters_of(request)
    rows_of = _List(listing, values, sort, filters, params.beside_url, search, totals)
    if whole:
        if params.cursor:  # refused before anything is read, also of HEAD
            await rows_of.page(reader, params.cursor, 1)
        if media_type == XLSX_TYPE and await rows_of.total(reader) > MOST_ROWS:
            raise InvalidParametersError(errors=[TOO_MANY_ROWS])
        return Export(request, kind, media_type, header, rows_of.batch)
    rows, cursor = await rows_of.page(reader, params.cursor, params.limit)
    documents = [row.document for row in rows]
    if media_type == JSON_TYPE:
        total = len(rows)
        if params.cursor or cursor:
            total = await rows_of.total(reader)
        missing = await _missing(reader, listing, params.id)
        info = PageInfo(limit=params.limit, total=total, next=cursor, missing=missing)
        body = f'{{"data":[{",".join(documents)}],"page":{info.model_dump_json()}}}'
        return Response(body, media_type=JSON_TYPE, headers=links(request, cursor))
    headers = {
        **links(request, cursor),
        **attachment(request.url.path.rpartition("/")[2], media_type),
    }
    if media_type == XLSX_TYPE:
        headers["Content-Language"] = language_of(request.scope)
    content = export_of(kind, media_type, header, documents, language_of(request.scope))
    return Response(content, media_type=media_type, headers=headers)


@dataclass(frozen=True)
class _List:
    """A list as one request asks for it."""

    listing: Listing
    values: Values
    sort: str
    filters: bytes
    beside_url: str
    search: Search | None
    totals: Totals

    async def page(self, reader: Reader, cursor: str | None, limit: int) -> tuple[Rows, str | None]:
        """The rows after the cursor, and the next cursor; one statement."""
        return await self._rows(reader, cursor, limit, by_reading=self._is_common(limit))

    async def batch(self, reader: Reader, cursor: str | None) -> tuple[Rows, str | None]:
        """A page of a walk through all rows, for which the index is asked whatever it names."""
        return await self._rows(reader, cursor, BATCH, by_reading=False)

    async def total(self, reader: Reader) -> int:
        """How long the whole list is; two statements at most."""
        active = self.listing.active(self.values)
        is_whole = not active and self.listing.below is None
        if is_whole and (total := await self._counted_by_index(reader)) is not None:
            return total
        counted = count_statement(self.listing, active)
        if self.search and is_whole:
            counted = self.search.count()
        elif self.search:
            found = self.search.matching(self.listing.table, by_reading=False)
            counted = counted.where(found)
        filters = self.filters + self.beside_url.encode()  # the same URL may mean another day
        return await self.totals.of(reader, filters, counted, self.values)

    async def _counted_by_index(self, reader: Reader) -> int | None:
        """A total that the text index has; what is withdrawn is not in it."""
        if self.search:
            return self.search.exact_total
        resource = self.listing.table.__tablename__
        if resource not in SEARCHED:
            return None
        every_entry = marked(resource, ANYWHERE)
        found = await reader.execute(GRAM, {"gram": every_entry})
        total: int | None = found.scalar_one_or_none()
        return total

    def _is_common(self, limit: int) -> bool:
        return self.search is not None and self.search.is_common(limit)

    async def _rows(
        self, reader: Reader, cursor: str | None, limit: int, *, by_reading: bool
    ) -> tuple[Rows, str | None]:
        if self.search and self.sort in BY_RELEVANCE:
            return await ranked_page(
                reader,
                self.search,
                limit,
                cursor,
                self.filters,
                self._documents,
                self.values,
                reverse=self.sort.startswith("-"),
            )
        active = self.listing.active(self.values)
        page = page_statement(self.listing, active, self.sort, after=cursor is not None)
        if self.search:
            page = page.where(self.search.matching(self.listing.table, by_reading=by_reading))
        values = {**self.values, "rows": limit + 1}
        if cursor:
            kinds = [kind for _, kind in self.listing.keys(self.sort)]
            last = read_cursor(cursor, self.filters, kinds)
            values |= {f"after_{i}": value for i, value in enumerate(last)}
        rows = (await reader.execute(page, values)).all()
        if len(rows) <= limit:
            return rows, None
        rows = rows[:limit]
        return rows, write_cursor(rows[-1][1:], self.filters)

    def _documents(self, found: Select[Any]) -> Select[Any]:
        table = self.listing.table
        joined = found.join(table, table.id == SearchEntry.id)
        matching = self.listing.conditions(self.listing.active(self.values))
        return joined.where(*matching).with_only_columns(table.document)


async def ranked_page(
    reader: Reader,
    search: Search,
    limit: int,
    cursor: str | None,
    filters: bytes,
    columns: Callable[[Select[Any]], Any],
    values: Mapping[str, Any],
    *,
    reverse: bool = False,
) -> tuple[Rows, str | None]:
    """The rows after the cursor by relevance, and the next cursor; one statement.

    `columns` says which columns of which of the found entries; `number` and `arm` come after them.
    A cursor holds the rarities that it began with, so that a walk keeps its order while others
    write.
    """
    arms, start, after = search.arms(), None, None
    if cursor:
        entries, matches, start, after = read_cursor(cursor, filters, [int, list, int, int])
        if len(matches) != len(search.words) or min(entries, *matches) < 0:
            raise invalid_cursor()
        search = replace(search, entries=entries, matches=matches)
        arms = search.arms()
        if not 0 <= start < len(arms):
            raise invalid_cursor()
    order = list(reversed(search.ranks())) if reverse else search.ranks()
    parts = []
    for place in order if start is None else order[order.index(start) :]:
        number = arms[place].number
        found = columns(search.in_arm(arms[place], limit)).add_columns(
            number.label("number"), literal(place).label("arm")
        )
        if place == start:
            found = found.where(after > number if reverse else after < number)
        found = found.order_by(number.desc() if reverse else number).limit(limit + 1)
        parts.append(select(*found.subquery().c))
    rows = (await reader.execute(union_all(*parts).limit(limit + 1), values)).all()
    if len(rows) <= limit:
        return rows, None
    rows = rows[:limit]
    last = [search.entries, list(search.matches), rows[-1].arm, rows[-1].number]
    return rows, write_cursor(last, filters)


async def _missing(reader: Reader, listing: Listing, ids: Sequence[str]) -> list[str]:
    """Which of the ids that were asked for do not exist; one statement, where there are any."""
    if not ids:
        return []
    there = await reader.execute(existing_statement(listing), {"id": ids})
    found = set(there.scalars())
    return [id_ for id_ in dict.fromkeys(ids) if id_ not in found]


def links(request: Request, cursor: str | None) -> dict[str, str]:
    """The `Link` header (RFC 8288): the first page, and the next where there is one.

    None where it would be long, since clients and proxies refuse long headers; `page.next` is there.
    """
    items = [item for item in request.query_params.multi_items() if item[0] != "cursor"]
    path = prefixed(request.scope, request.url.path)

    def link(items: Sequence[tuple[str, str]], relation: str) -> str:
        query = f"?{urlencode(items)}" if items else ""
        return f'<{path}{query}>; rel="{relation}"'

    links = [link(items, "first")]
    if cursor:
        links.insert(0, link([*items, ("cursor", cursor)], "next"))
    header = ", ".join(links)
    return {"Link": header} if len(header) <= LONGEST_LINK else {}
