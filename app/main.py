"""START HERE: `create_app(settings)` assembles the service.

A request passes: measurement → limits → response cache → CORS → request id → undecodable URLs → HEAD and OPTIONS → script → narrowing
→ operation → paging → listing; a write goes from its operation to `writing/write_request.py`.
"""

import asyncio
import gc
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache, partial
from typing import Any

from asgi_correlation_id import CorrelationIdMiddleware, correlation_id
from fastapi import Depends, FastAPI, Request, Response
from fastapi.telemetry import TelemetryConfig
from sqlalchemy.exc import DatabaseError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from app import VERSION
from app.clock import utc_now
from app.db.engine import LONGEST_STATEMENT, ReadingDatabase, open_reading
from app.db.failures import is_of_database, took_too_long
from app.db.lookup import open_lookup
from app.db.models import ApiKey
from app.db.replica import ReplicaFirst
from app.db.revision import Clock, Revisions, open_revisions
from app.http.parameters import document_language
from app.http.problems import (
    ApiError,
    InternalError,
    Message,
    NotFoundError,
    UnavailableError,
)
from app.middleware.connections import open_connections
from app.middleware.cors import CrossOrigin
from app.middleware.gateway import BehindGateway
from app.middleware.limits import Limit
from app.middleware.narrowing import Narrowed
from app.middleware.requests import (
    HeadAndOptions,
    RefuseUndecodable,
    method_not_allowed,
    new_request_id,
    request_id_of,
    without_slash,
)
from app.middleware.response_cache import ResponseCache
from app.middleware.script import InPreferredScript
from app.middleware.security_headers import SecurityHeaders
from app.openapi.deprecations import (
    DEPRECATIONS,
    AnnounceDeprecations,
    Deprecations,
    mark_deprecated,
)
from app.openapi.docs import routes as docs
from app.openapi.document import openapi_document
from app.pages.errors import problem_or_page
from app.pages.routes import add_pages
from app.reading.exports import Export
from app.reading.listing import Totals
from app.resources.agencies import routes as agencies
from app.resources.assessments import routes as assessments
from app.resources.audit import routes as audit
from app.resources.bulletins import routes as bulletins
from app.resources.changes import routes as changes
from app.resources.compare import routes as compare
from app.resources.comparisons import routes as comparisons
from app.resources.comparisons.computing import Computing
from app.resources.deadlines import routes as deadlines
from app.resources.error_reports import routes as error_reports
from app.resources.jurisdictions import routes as jurisdictions
from app.resources.measurements import routes as measurements
from app.resources.milestones import routes as milestones
from app.resources.monitoring import routes as monitoring
from app.resources.operations import routes as operations
from app.resources.plans import routes as plans
from app.resources.platforms import routes as platforms
from app.resources.problems import routes as problems
from app.resources.reports import routes as reports
from app.resources.search import routes as search
from app.resources.sections import routes as sections
from app.resources.service import routes as service
from app.resources.targets import routes as targets
from app.resources.tasks import routes as tasks
from app.resources.versions import routes as versions
from app.resources.webhooks import routes as webhooks
from app.resources.webhooks.delivering import Deliverer, delivering
from app.resources.webhooks.outgoing import Outgoing
from app.routing import operation_id
from app.settings import Settings
from app.telemetry.metrics import REPLICA_READS, Metrics, folder_of_workers, sampling
from app.telemetry.requests import NoteRoute, Observe
from app.writing.keys import RecentKeys
from app.writing.retention import Retention, removing
from app.writing.writer import Writer

SCHEMA_REVISION = "0039"  # the migration that this version of the service needs
TOOK_TOO_LONG = Message(
    f"此查询超过 {LONGEST_STATEMENT:.0f} 秒，已停止；请增加筛选条件（如 plan、agency）。",
    f"The query exceeded {LONGEST_STATEMENT:.0f} s and was cancelled; add filters, such as plan or agency.",
)
log = logging.getLogger("app")


def create_worker() -> FastAPI:
    """The app of a process that serves nothing else.

    What it consists of lives as long as the process. Frozen, it is left out of the search for
    cycles, in which the event loop stands still: 0.03 s at most in place of 0.18 s.
    """
    app = create_app()
    gc.collect()
    gc.freeze()
    return app


def create_app(
    settings: Settings | None = None,
    deprecations: Deprecations = DEPRECATIONS,
    clock: Clock = utc_now,
) -> FastAPI:
    """Build the service; tests pass their own settings and clock."""
    settings = settings or Settings()
    database = open_reading(
        settings.database_url, pool_size=settings.pool_size, home=settings.home_jurisdiction
    )
    revisions = open_revisions(database)
    keys = open_lookup(database, ApiKey.__table__)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        _end_with_parent()
        async with AsyncExitStack() as stack:
            if settings.webhook_delivery:
                await stack.enter_async_context(delivering(app.state.deliverer))
            await stack.enter_async_context(removing(app.state.retention))
            await stack.enter_async_context(sampling(app.state.metrics))
            yield
        await app.state.computing.close()
        await app.state.writer.close()
        if app.state.reads is not database:
            await app.state.reads.close()
        await keys.close()
        await revisions.close()
        await database.close()

    telemetry = TelemetryConfig(
        tracing=settings.opentelemetry,
        metrics=settings.opentelemetry,
        logs=False,  # they would include what clients sent
        auto_configure=settings.opentelemetry,
    )
    app = FastAPI(
        title="Work Plan API",
        version=VERSION,
        lifespan=lifespan,
        redirect_slashes=False,
        openapi_url=None,  # app/openapi/docs serves the contract and its pages
        telemetry=telemetry,
        generate_unique_id_function=operation_id,
    )
    app.state.metrics = Metrics(folder_of_workers())
    app.state.database = database
    app.state.keys = keys
    app.state.recent_keys = RecentKeys(keys)
    app.state.reads = _reads(settings, database, revisions, app.state.metrics)
    app.state.writer = Writer(settings, clock)
    app.state.computing = Computing(app.state.writer)
    app.state.deliverer = Deliverer(
        settings, database, app.state.writer, Outgoing(settings.webhook_hosts)
    )
    app.state.retention = Retention(settings, database, app.state.writer)
    app.state.totals = Totals()
    app.state.comparing = asyncio.Semaphore(compare.MOST_COMPARING)
    app.state.public_url = settings.public_url
    app.state.prefix = settings.prefix
    app.state.schema_revision = SCHEMA_REVISION
    app.state.settings = settings
    app.state.telemetry = telemetry

    for resource in (
        service,
        plans,
        sections,
        tasks,
        agencies,
        targets,
        platforms,
        jurisdictions,
        comparisons,
        deadlines,
        search,
        changes,
        reports,
        measurements,
        milestones,
        monitoring,
        assessments,
        bulletins,
        error_reports,
        audit,
        webhooks,
        versions,
        compare,
    ):
        app.include_router(resource.router, dependencies=[Depends(document_language)])
    for router in (operations.router, problems.router, docs.router):
        app.include_router(router)
    add_pages(app, settings)

    @cache
    def document() -> dict[str, Any]:
        """The contract, generated when first requested: it takes longer than the rest of the start."""
        contract = openapi_document(app)
        mark_deprecated(contract, deprecations)
        return contract

    app.openapi = document  # type: ignore[method-assign]

    _add_problem_handlers(app)
    app.add_middleware(NoteRoute, routes=app.router.routes)
    app.add_middleware(InPreferredScript)
    app.add_middleware(HeadAndOptions, routes=app.router.routes)
    app.add_middleware(RefuseUndecodable, refuse=problem_or_page)
    app.add_middleware(  # its own validation parses a header of any length and logs invalid ones
        CorrelationIdMiddleware,
        generator=new_request_id,
        validator=None,
        transformer=request_id_of,
    )
    app.router.middleware_stack = Narrowed(app.router)
    # Around the middleware above, including that which FastAPI adds by itself.
    origins = settings.credentialed_origins
    stack: ASGIApp = app.build_middleware_stack()
    stack = SecurityHeaders(stack)
    is_limited = any(
        (
            settings.rate_limit,
            settings.key_rate_limit,
            settings.concurrent_requests,
            settings.allowed_hosts,
        )
    )
    if (
        not origins and not is_limited
    ):  # the headers are the same for every page, so cached responses include them
        stack = CrossOrigin(stack)
    stack = responses = ResponseCache(stack, revisions, settings.cache_megabytes * 1_000_000, clock)
    if is_limited:
        stack = Limit(stack, settings, app.state.metrics)
    if origins or is_limited:
        stack = CrossOrigin(stack, origins)
    if deprecations:
        stack = AnnounceDeprecations(stack, document(), deprecations)
    if settings.prefix or settings.trusted_proxies:
        stack = BehindGateway(stack, settings.prefix, settings.trusted_proxies)
    _watch(app, responses)
    app.middleware_stack = Observe(stack, app.state.metrics, logs_all=settings.access_log)
    return app


def _reads(
    settings: Settings, database: ReadingDatabase, revisions: Revisions, metrics: Metrics
) -> ReadingDatabase | ReplicaFirst:
    """The database of public reads: with a replica, if the settings name one."""
    if settings.database_replica_url is None:
        return database
    replica = open_reading(
        settings.database_replica_url,
        pool_size=settings.pool_size,
        home=settings.home_jurisdiction,
    )
    return ReplicaFirst(database, replica, revisions, partial(metrics.count, REPLICA_READS))


def _watch(app: FastAPI, layer: ResponseCache) -> None:
    """Name the gauges of this worker."""
    metrics, writer, pool = app.state.metrics, app.state.writer, app.state.database.engine.pool
    metrics.watch("workplan_connections", open_connections)
    metrics.watch("workplan_response_cache_bytes", lambda: layer.responses.bytes)
    metrics.watch("workplan_response_cache_entries", lambda: len(layer.responses.entries))
    metrics.watch("workplan_database_connections_in_use", pool.checkedout)
    metrics.watch("workplan_database_connections_limit", lambda: app.state.settings.pool_size)
    metrics.watch("workplan_writer_queue", writer.waiting.total)
    metrics.watch("workplan_writer_failing", lambda: writer.last_failed)
    metrics.watch("workplan_exports", lambda: len(Export.slots.running))


def _end_with_parent() -> None:
    """End a worker when its parent process is gone, as after a kill -9.

    Otherwise it would hold the port and continue with outdated settings.
    """
    parent = multiprocessing.parent_process()

    def wait() -> None:
        assert parent is not None  # noqa: S101 - only called with a parent
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    if parent is not None:
        threading.Thread(target=wait, daemon=True).start()


def _add_problem_handlers(app: FastAPI) -> None:
    """Return every error as a problem document, or as a page where people are reading."""

    @app.exception_handler(ApiError)
    async def on_api_error(request: Request, error: ApiError) -> Response:
        return problem_or_page(request, error)

    @app.exception_handler(HTTPException)
    async def on_http_exception(request: Request, error: HTTPException) -> Response:
        """Errors of the router: unknown path, or unsupported method."""
        if error.status_code == NotFoundError.status:
            redirect = without_slash(app.router.routes, request.scope)
            return redirect or problem_or_page(request, NotFoundError())
        if error.status_code == 405:
            not_allowed = method_not_allowed(app.router.routes, request.scope)
            return problem_or_page(request, not_allowed)
        return problem_or_page(request, InternalError())

    for failure in (DatabaseError, InterfaceError, PoolTimeoutError):

        @app.exception_handler(failure)
        async def on_failure(request: Request, error: Exception) -> Response:
            if not is_of_database(error):
                raise error
            log.error("database: %s", getattr(error, "orig", error))
            message = TOOK_TOO_LONG if took_too_long(error) else None
            return problem_or_page(request, UnavailableError(message))

    @app.exception_handler(Exception)
    async def on_bug(request: Request, error: Exception) -> Response:
        """Called outside all middleware, so the request id is added here."""
        headers = {"X-Request-ID": correlation_id.get() or ""}
        return problem_or_page(request, InternalError(headers=headers))
