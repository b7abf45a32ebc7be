"""The paths of the pages, outside `/v1` and the contract."""

from collections.abc import Awaitable, Callable, Mapping

from fastapi import FastAPI, Request, Response

from app.http.problems import FieldError, InvalidParametersError, Message
from app.pages import assets
from app.pages.qr import qr_code
from app.pages.reading import Api
from app.pages.rendering import MOST_PARAMETERS, View, render
from app.pages.senders import Senders
from app.pages.sitemaps import robots, sitemap, sitemap_index
from app.pages.views import (
    agencies,
    charts,
    comparisons,
    embeds,
    errors,
    front,
    jurisdictions,
    lists,
    monitoring,
    plans,
    search,
    source_pages,
    states,
    tasks,
)
from app.settings import Settings

PAGES: Mapping[str, Callable[..., Awaitable[View]]] = {
    "/": front.front,
    "/plans": plans.all_plans,
    "/plans/{plan_id}": plans.plan,
    "/plans/{plan_id}/text": plans.text,
    "/plans/{plan_id}/pages/{number}": source_pages.source_page,
    "/plans/{plan_id}/reading": plans.reading,
    "/plans/{plan_id}/comparison": comparisons.comparison,
    "/tasks": tasks.tasks,
    "/tasks/{task_id}": tasks.task,
    "/tasks/{task_id}/history": comparisons.history,
    "/agencies": agencies.agencies,
    "/agencies/{agency_id}": agencies.agency,
    "/jurisdictions/{code}": jurisdictions.jurisdiction,
    "/targets": lists.targets,
    "/platforms": lists.platforms,
    "/platforms/{platform_id}": lists.platform,
    "/bulletins": lists.bulletins,
    "/bulletins/{bulletin_id}": lists.bulletin,
    "/assessments": lists.assessments,
    "/assessments/{assessment_id}": lists.assessment,
    "/monitoring": monitoring.monitoring,
    "/monitoring/{name}.svg": charts.monitoring_image,
    "/monitoring/{name}.csv": charts.monitoring_table,
    "/targets/attainment.svg": charts.targets_image,
    "/unusual": monitoring.unusual,
    "/search": search.search,
    "/compare": comparisons.compare,
    "/changes": front.changes,
    "/errors": errors.errors,
    "/states": states.states,
    "/about": front.about,
    "/developers": front.developers,
    "/embed/tasks/{task_id}": embeds.task,
    "/embed/monitoring": embeds.monitoring,
}

TOO_MANY = FieldError(
    "query",
    "query",
    Message(
        f"网页的参数最多 {MOST_PARAMETERS} 个，重复的各算一个。",
        f"A page takes at most {MOST_PARAMETERS} parameters, counting each repetition.",
    ),
)
FILES: Mapping[str, Callable[[Request], Awaitable[Response]]] = {
    "/assets/{name}": assets.asset,
    "/favicon.ico": assets.favicon,
    "/qr.svg": qr_code,
    "/robots.txt": robots,
    "/sitemap.xml": sitemap_index,
    "/sitemaps/{name}.xml": sitemap,
}


def _handler(view_of: Callable[..., Awaitable[View]]) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        if request.scope["query_string"].count(b"&") >= MOST_PARAMETERS:
            raise InvalidParametersError(errors=[TOO_MANY])
        async with request.app.state.reads.reading() as reader:
            view = await view_of(Api(request, reader), **request.path_params)
        return render(request, view)

    return handle


def add_pages(app: FastAPI, settings: Settings) -> None:
    """Add all pages to the service."""
    for path, view_of in PAGES.items():
        app.router.add_route(path, _handler(view_of), include_in_schema=False)
    store = settings.rate_limit_store
    app.state.error_senders = Senders(store.get_secret_value() if store else None)
    app.router.add_route("/errors", errors.report_error, methods=["POST"], include_in_schema=False)
    for path, endpoint in FILES.items():
        app.router.add_route(path, endpoint, include_in_schema=False)
