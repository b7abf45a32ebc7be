"""Pages of lists: `{data, page}` in a total, stable order, with cursors.

Page 10,000 costs what page 1 costs, and each row is returned once even while rows are written.
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
from app.reading.counting import count_found
from app.reading.cursors import filters_of, invalid_cursor, read_cursor, write_cursor
from app.reading.exports import BATCH, Export, export_of
from app.reading.list_params import ListQuery, PageInfo, SearchableFilters
from app.reading.listing import (
    Listing,
    Totals,
    Values,
    count,
    count_statement,
    existing_statement,
    page_statement,
)
from app.reading.search import Search, read_search
from app.reading.tallied import tallied_total
from app.reading.ways import ANY, Way

BY_RELEVANCE = ("relevance", "-relevance")
ONLY_WITH_Q = Message("relevance 须与 q 一同使用。", "relevance can only be used together with q.")
TOO_MANY_ROWS = FieldError(
    "query",
    "format",
    Message(
        f"一张工作表最多 {MOST_ROWS} 行；请用筛选、limit，或 csv、ndjson。",
        f"A sheet holds at most {MOST_ROWS} rows; use filters, limit, csv or ndjson.",
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
    """One page of a list; at most three statements, five with `q` and `id`, and those of `way_of`.

    A format other than JSON without a limit returns the whole list.  `below` is the id of the
    parent resource.
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
        marks = listing.marks(values)
        search = await read_search(reader, [kind.name], params.q, marks.groups)
    elif sort in BY_RELEVANCE:
        raise InvalidParametersError(errors=[FieldError("query", "sort", ONLY_WITH_Q)])
    way = ANY
    if not search or (sort not in BY_RELEVANCE and search.is_common(params.limit)):
        way = await listing.way(reader, values)
    if search and len(way.periods) > 1:  # of each, the rows are read before their text
        way = Way(looks_at_plans=True)
    totals: Totals = request.app.state.totals
    filters = filters_of(request)
    rows_of = _List(listing, values, sort, filters, params.resolved_defaults, search, totals, way)
    if whole:
        if params.cursor:  # rejected before anything is read, also for HEAD
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
    """A list with the filters, order and search of one request."""

    listing: Listing
    values: Values
    sort: str
    filters: bytes
    resolved_defaults: str
    search: Search | None
    totals: Totals
    way: Way

    async def page(self, reader: Reader, cursor: str | None, limit: int) -> tuple[Rows, str | None]:
        """The rows after the cursor, and the next cursor; one statement."""
        return await self._rows(reader, cursor, limit, scan_text=self._is_common(limit))

    async def batch(self, reader: Reader, cursor: str | None) -> tuple[Rows, str | None]:
        """A batch of an export, which needs all rows and so always uses the index."""
        return await self._rows(reader, cursor, BATCH, scan_text=False)

    async def total(self, reader: Reader) -> int:
        """The number of rows in the whole list; at most two statements."""
        active = self.listing.active(self.values)
        is_whole = not active and self.listing.below is None
        if is_whole and (total := await self._counted_by_index(reader)) is not None:
            return total
        # The same URL has another total tomorrow if it depends on today.
        filters = self.filters + self.resolved_defaults.encode()
        return await self.totals.of(reader, filters, lambda: self._count(reader))

    async def _count(self, reader: Reader) -> int:
        if self.search:
            return await count_found(reader, self.listing, self.search, self.values)
        return await self._count_of(reader, self.values)

    async def _count_of(self, reader: Reader, values: Values) -> int:
        """By tallies, else by counting; rows that are not overdue are all others."""
        listing = self.listing
        tallied = await tallied_total(reader, listing.table, listing.tallied, values)
        if tallied is not None:
            return tallied
        if values.get("overdue") is False:
            others = {name: value for name, value in values.items() if name != "overdue"}
            if "period_ended" not in others:
                others.pop("overdue_on", None)
            of_all = await self._count_of(reader, others)
            return of_all - await self._count_of(reader, {**values, "overdue": True})
        shape = self.way.shape if self.way.shape.is_of_held else ANY.shape
        counted = count_statement(listing, listing.active(values), shape)
        return await count(reader, counted, {**values, **self.way.values})

    async def _counted_by_index(self, reader: Reader) -> int | None:
        """The total from the text index, if it has it; withdrawn rows are not in the index."""
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
        self, reader: Reader, cursor: str | None, limit: int, *, scan_text: bool
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
        page = page_statement(
            self.listing, active, self.sort, after=cursor is not None, shape=self.way.shape
        )
        if self.search:
            page = page.where(self.search.matching(self.listing.table, scan_text=scan_text))
        values = {**self.values, **self.way.values, "rows": limit + 1}
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

    `columns` selects columns of the matching entries, and may filter them; `number` and `tier` are
    added.  A cursor holds the word frequencies of the first page, so that the order stays the same
    on all pages while rows are written.
    """
    tiers, start, after = search.tiers(), None, None
    if cursor:
        entries, matches, start, after = read_cursor(cursor, filters, [int, list, int, int])
        if len(matches) != len(search.words) or min(entries, *matches) < 0:
            raise invalid_cursor()
        search = replace(search, entries=entries, matches=matches)
        tiers = search.tiers()
        if not 0 <= start < len(tiers):
            raise invalid_cursor()
    order = list(reversed(search.ranks())) if reverse else search.ranks()
    parts = []
    for place in order if start is None else order[order.index(start) :]:
        entries_of = search.in_tier(tiers[place], limit)
        if entries_of is None:
            continue
        number = tiers[place].number
        found = columns(entries_of).add_columns(
            number.label("number"), literal(place).label("tier")
        )
        if place == start:
            found = found.where(after > number if reverse else after < number)
        found = found.order_by(number.desc() if reverse else number).limit(limit + 1)
        parts.append(select(*found.subquery().c))
    if not parts:
        return [], None
    rows = (await reader.execute(union_all(*parts).limit(limit + 1), values)).all()
    if len(rows) <= limit:
        return rows, None
    rows = rows[:limit]
    last = [search.entries, list(search.matches), rows[-1].tier, rows[-1].number]
    return rows, write_cursor(last, filters)


async def _missing(reader: Reader, listing: Listing, ids: Sequence[str]) -> list[str]:
    """The requested ids that do not exist; one statement if there are ids."""
    if not ids:
        return []
    rows = await reader.execute(existing_statement(listing), {"id": ids})
    existing = set(rows.scalars())
    return [id_ for id_ in dict.fromkeys(ids) if id_ not in existing]


def links(request: Request, cursor: str | None) -> dict[str, str]:
    """The `Link` header (RFC 8288): the first page, and the next if there is one.

    Omitted if it would be long, since clients and proxies reject long headers; `page.next` remains.
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
