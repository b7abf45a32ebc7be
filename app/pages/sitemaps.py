"""`/robots.txt` and the sitemaps (sitemaps.org): one for each part of the rows that have a page.

So each stays small and costs the same however many are stored, and the index of them lists all: it may
have 50,000, of 10,000 rows each.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from fastapi import Request, Response
from sqlalchemy import Select, bindparam, select

from app.http.problems import NotFoundError
from app.kinds import BY_NAME, KINDS
from app.kinds.document import moment
from app.kinds.kind import Kind
from app.reading.one import base_of

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
HEADERS = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
MOST_OF_PART = 10_000  # rows; a sitemap may have 50,000 pages
FIXED_NAME = "all"  # the sitemap of the pages of no row
FIXED = ("", "/plans", "/agencies", "/targets", "/platforms", "/errors", "/about", "/developers")
LISTED = {kind.plural: kind for kind in KINDS if kind.has_page}
ALSO = {BY_NAME["plan"]: ("/text",)}  # further pages of a row
Entry = tuple[str, str | None]  # path, and when it changed


def absolute_base(request: Request) -> str:
    """The base of URLs for other programs: the public URL, else the host that the client used."""
    base = base_of(request)
    return base if base.startswith("http") else f"{request.url.scheme}://{request.url.netloc}{base}"


async def robots(request: Request) -> Response:
    """Everything may be read."""
    text = f"User-agent: *\nAllow: /\n\nSitemap: {absolute_base(request)}/sitemap.xml\n"
    return Response(text, media_type="text/plain", headers=HEADERS)


async def sitemap_index(request: Request) -> Response:
    """The sitemaps of all parts, and of the pages of no row."""
    maps: list[Entry] = [(f"/sitemaps/{FIXED_NAME}.xml", None)]
    async with request.app.state.reads.reading() as reader:
        for name, kind in LISTED.items():
            after: str | None = ""
            while after is not None:
                query = f"?{urlencode({'after': after})}" if after else ""
                maps.append((f"/sitemaps/{name}.xml{query}", None))
                part = {"after": after, "most": MOST_OF_PART}
                after = (await reader.execute(_last(kind), part)).scalar_one_or_none()
    return _xml(request, "sitemapindex", "sitemap", maps)


async def sitemap(request: Request) -> Response:
    """The pages of a part, or those of no row; raises NotFoundError."""
    name: str = request.path_params["name"]
    after = request.query_params.get("after", "")
    if name == FIXED_NAME:
        return _xml(request, "urlset", "url", [(path, None) for path in FIXED])
    if name not in LISTED or not after.isprintable():  # PostgreSQL takes no U+0000
        raise NotFoundError
    kind = LISTED[name]
    async with request.app.state.reads.reading() as reader:
        rows = await reader.execute(_part(kind), {"after": after, "most": MOST_OF_PART})
        entries = [
            (kind.html_url({"id": row.id}) + page, moment(row.changed_at))
            for row in rows
            if row.withdrawn_at is None
            for page in ("", *ALSO.get(kind, ()))
        ]
    return _xml(request, "urlset", "url", entries)


@cache
def _part(kind: Kind) -> Select[Any]:
    """The rows after an id; withdrawn ones are read, too, so that a part ends where the next begins."""
    table = kind.model
    columns = table.id, table.changed_at, table.withdrawn_at
    found = select(*columns).where(table.id > bindparam("after"))
    return found.order_by(table.id).limit(bindparam("most"))


@cache
def _last(kind: Kind) -> Select[Any]:
    """The id with which a full part ends."""
    id_ = kind.model.id
    found = select(id_).where(id_ > bindparam("after")).order_by(id_)
    return found.offset(bindparam("most") - 1).limit(1)


def _xml(request: Request, root: str, element: str, entries: Iterable[Entry]) -> Response:
    base = absolute_base(request)
    parts = [
        f"<{element}><loc>{escape(base + path)}</loc>"
        + (f"<lastmod>{at}</lastmod>" if at else "")
        + f"</{element}>"
        for path, at in entries
    ]
    text = f'<?xml version="1.0" encoding="utf-8"?>\n<{root} xmlns="{NAMESPACE}">{"".join(parts)}</{root}>\n'
    return Response(text, media_type="application/xml", headers=HEADERS)
