"""`/robots.txt` and the sitemaps (sitemaps.org): one for each plan and each part of a long list.

So each stays small, and costs the same however many are stored.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from fastapi import Request, Response
from sqlalchemy import Select, bindparam, select

from app.db.models import Agency, Plan, Platform
from app.http.problems import NotFoundError
from app.kinds import BY_NAME
from app.kinds.document import moment
from app.pages.reading import MOST_ROWS, Api, Endpoint, Params
from app.reading.one import base_of
from app.resources.jurisdictions.routes import list_jurisdictions
from app.resources.plans.routes import get_plan
from app.resources.tasks.routes import list_tasks

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
HEADERS = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
MOST_URLS = 50_000  # of one sitemap
MOST_OF_PART = 10_000  # of a long list
OF_ALL = "all"  # the sitemap of what else belongs to no plan
LONG: dict[str, Any] = {BY_NAME[one.__tablename__].plural: one for one in (Agency, Platform)}
PLANS = (
    select(Plan.id, Plan.changed_at)
    .where(Plan.withdrawn_at.is_(None))
    .order_by(Plan.id)
    .limit(bindparam("most"))
)
FIXED = ("", "/plans", "/agencies", "/targets", "/platforms", "/errors", "/about", "/developers")
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
    """The sitemaps: of each plan, of parts of the long lists that belong to none, and of all else."""
    async with request.app.state.reads.reading() as reader:
        plans = (await reader.execute(PLANS, {"most": MOST_URLS})).all()
        maps: list[Entry] = [(f"/sitemaps/{id_}.xml", moment(at)) for id_, at in plans]
        for name, table in LONG.items():
            after: str | None = ""
            while after is not None:
                query = f"?{urlencode({'after': after})}" if after else ""
                maps.append((f"/sitemaps/{name}.xml{query}", None))
                found = await reader.execute(_last(table), {"after": after, "most": MOST_OF_PART})
                after = found.scalar_one_or_none()
    maps.append((f"/sitemaps/{OF_ALL}.xml", None))
    return _xml(request, "sitemapindex", "sitemap", maps[-MOST_URLS:])


async def sitemap(request: Request) -> Response:
    """The pages of a plan, of a part of a long list, or of what else belongs to no plan; raises NotFoundError."""
    name: str = request.path_params["name"]
    entries: list[Entry] = []
    async with request.app.state.reads.reading() as reader:
        api = Api(request, reader)
        if name == OF_ALL:
            entries += [(path, None) for path in FIXED]
            entries += await _entries(api, "jurisdiction", list_jurisdictions, {})
        elif name in LONG:
            table, after = LONG[name], request.query_params.get("after", "")
            if not after.isprintable():  # PostgreSQL takes no U+0000
                raise NotFoundError
            found = await reader.execute(_part(table), {"after": after, "most": MOST_OF_PART})
            kind = BY_NAME[table.__tablename__]
            entries += [
                (kind.html_url({"id": id_}), moment(at))
                for id_, at, withdrawn_at in found
                if withdrawn_at is None
            ]
        else:
            plan = await api.one(get_plan, plan_id=name)
            entries += [(f"/plans/{name}", plan["changed_at"]), (f"/plans/{name}/text", None)]
            entries += await _entries(api, "task", list_tasks, {"plan": name})
    return _xml(request, "urlset", "url", entries)


@cache
def _part(table: Any) -> Select[Any]:
    """The rows after an id; withdrawn ones are read, too, so that a part ends where the next begins."""
    columns = table.id, table.changed_at, table.withdrawn_at
    return (
        select(*columns)
        .where(table.id > bindparam("after"))
        .order_by(table.id)
        .limit(bindparam("most"))
    )


@cache
def _last(table: Any) -> Select[Any]:
    """The id with which a full part ends."""
    found = select(table.id).where(table.id > bindparam("after")).order_by(table.id)
    return found.offset(bindparam("most") - 1).limit(1)


async def _entries(api: Api, kind: str, endpoint: Endpoint, params: Params) -> list[Entry]:
    """All rows of a list, a thousand at a time."""
    found: list[Entry] = []
    cursor: dict[str, str] = {}
    while True:
        page = await api.rows(endpoint, {**params, "limit": MOST_ROWS, **cursor})
        found += [(BY_NAME[kind].html_url(one), one["changed_at"]) for one in page.rows]
        if page.next is None or len(found) > MOST_URLS:
            return found[:MOST_URLS]
        cursor = {"cursor": page.next}


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
