"""`/livez` and `/readyz`: for load balancers; outside the contract."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.db.revision import READ_REVISION
from app.http.problems import Message, UnavailableError
from app.projections.rebuilding import DUE

LONGEST_CHECK = 1.5  # seconds; load balancers wait about two
SCHEMA = text("SELECT version_num FROM alembic_version")
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
    except (SQLAlchemyError, TimeoutError):
        raise UnavailableError(
            Message("数据库或数据表不可用。", "The database or its tables are not available.")
        ) from None
    if found != required:
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
