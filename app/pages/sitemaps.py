"""`/robots.txt` and the sitemaps (sitemaps.org): one for each plan, so that each stays small."""

from collections.abc import Iterable
from xml.sax.saxutils import escape

from fastapi import Request, Response

from app.kinds import BY_NAME
from app.pages.reading import MOST_ROWS, Api, Endpoint, Params
from app.reading.one import base_of
from app.resources.agencies.routes import list_agencies
from app.resources.jurisdictions.routes import list_jurisdictions
from app.resources.plans.routes import get_plan, list_plans
from app.resources.platforms.routes import list_platforms
from app.resources.tasks.routes import list_tasks

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
HEADERS = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
MOST_URLS = 50_000  # of one sitemap
OF_ALL = "all"  # the sitemap of what belongs to no plan
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
    """The sitemaps: of each plan, and of all else."""
    async with request.app.state.reads.reading() as reader:
        plans = await _entries(Api(request, reader), "plan", list_plans, {})
    maps = [(f"/sitemaps/{path.rpartition('/')[2]}.xml", at) for path, at in plans]
    return _xml(request, "sitemapindex", "sitemap", [*maps, (f"/sitemaps/{OF_ALL}.xml", None)])


async def sitemap(request: Request) -> Response:
    """The pages of a plan, or of what belongs to none; raises NotFoundError."""
    name: str = request.path_params["name"]
    entries: list[Entry] = []
    async with request.app.state.reads.reading() as reader:
        api = Api(request, reader)
        if name == OF_ALL:
            entries += [(path, None) for path in FIXED]
            entries += await _entries(api, "agency", list_agencies, {})
            entries += await _entries(api, "jurisdiction", list_jurisdictions, {})
            entries += await _entries(api, "platform", list_platforms, {})
        else:
            plan = await api.one(get_plan, plan_id=name)
            entries += [(f"/plans/{name}", plan["changed_at"]), (f"/plans/{name}/text", None)]
            entries += await _entries(api, "task", list_tasks, {"plan": name})
    return _xml(request, "urlset", "url", entries)


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
