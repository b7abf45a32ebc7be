"""`/livez`, `/readyz` and `/metrics`: for load balancers and monitoring; outside the contract."""

import asyncio
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Scope

from app.db.revision import READ_REVISION
from app.http.clients import FORWARDED_FOR, client_of, is_within
from app.http.problems import Message, NotFoundError, UnavailableError
from app.projections.rebuilding import DUE
from app.resources.operations.database_metrics import database_families
from app.resources.operations.schema import SCHEMA, fits
from app.settings import Settings

VALID_FOR = timedelta(days=180)  # of security.txt; RFC 9116 recommends less than a year
LONGEST_CHECK = 1.5  # seconds; load balancers wait about two
router = APIRouter(include_in_schema=False)


@router.get("/livez")
async def livez() -> dict[str, str]:
    """Liveness: the process runs."""
    return {"status": "alive"}


@router.get("/readyz")
async def readyz(request: Request) -> dict[str, Any]:
    """Readiness: the database has tables of this version, and data; whether the last write worked."""
    required, database = request.app.state.schema_revision, request.app.state.database
    try:
        async with asyncio.timeout(LONGEST_CHECK), database.reading() as reader:
            found = (await reader.execute(SCHEMA)).scalar()
            is_outdated = found == required and (await reader.execute(DUE)).scalar()
            revision = (await reader.execute(READ_REVISION)).scalar()
            is_fitting = await fits(reader, found, required)
    except (SQLAlchemyError, TimeoutError):
        raise UnavailableError(
            Message("数据库或数据表不可用。", "The database or its tables are not available.")
        ) from None
    if not is_fitting:
        raise UnavailableError(
            Message(
                f"数据表版本为 {found}，需要 {required}；请运行 alembic upgrade head。",
                f"Tables are at {found}, {required} is required; run alembic upgrade head.",
            )
        )
    if is_outdated:
        raise UnavailableError(
            Message(
                "存储的文档是旧版结构；请运行 python -m app rebuild。",
                "Stored documents have an older shape; run python -m app rebuild.",
            )
        )
    if not revision:
        raise UnavailableError(
            Message(
                "尚无数据；请运行 python -m seed load。", "No data yet; run python -m seed load."
            )
        )
    writes = "failing" if request.app.state.writer.last_failed else "working"
    return {"status": "ready", "schema": found, "revision": revision, "writes": writes}


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Metrics of all workers in the format of Prometheus, for clients that the settings name."""
    state = request.app.state
    if not _may_read(request.scope, state.settings):
        raise NotFoundError
    registry = CollectorRegistry()
    registry.register(Found([*state.metrics.families(), *await database_families(state)]))
    return Response(
        generate_latest(registry),
        headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"},
    )


def _may_read(scope: Scope, settings: Settings) -> bool:
    """Whether metrics are for this client.

    What a proxy forwards, and the settings do not name the proxy, is from anywhere.
    """
    trusted = settings.trusted_proxies
    client = client_of(scope, trusted)
    is_forwarded = any(name == FORWARDED_FOR for name, _ in scope["headers"])
    if client is None or (is_forwarded and not is_within(scope["client"][0], trusted)):
        return False
    return is_within(client, settings.metrics_clients)


class Found(Collector):
    """What was found for one scrape, as the library expects it."""

    def __init__(self, families: list[Metric]) -> None:
        self.families = families

    def collect(self) -> list[Metric]:
        return self.families


@router.get("/.well-known/security.txt")
async def security_txt(request: Request) -> Response:
    """Where to report vulnerabilities (RFC 9116), if the operator has named a contact."""
    state = request.app.state
    if not state.settings.security_contact:
        raise NotFoundError
    expires = (state.writer.clock() + VALID_FOR).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: {state.settings.security_contact}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: zh, en",
    ]
    if "://" in state.settings.base:
        lines.append(f"Canonical: {state.settings.base}/.well-known/security.txt")
    return PlainTextResponse("\n".join([*lines, ""]), headers={"Cache-Control": "max-age=86400"})
