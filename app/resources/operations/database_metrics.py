"""Metrics of the database, which all workers share: read at each scrape."""

import asyncio
import platform
import sqlite3
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from sqlalchemy import func, literal_column, select
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import State

from app import VERSION
from app.db.models import Change, Delivery, Revision, Webhook
from app.projections.change_feed import LAST_SEQ
from app.projections.rebuilding import DUE
from app.resources.operations.schema import SCHEMA, fits

LONGEST_READ = 1.5  # seconds
# A literal: SQLite uses the partial index of pending rows only when the SQL text names the value.
PENDING: Any = literal_column("'pending'", Delivery.state.type)
OUTBOX = (
    select(func.count(), func.min(Delivery.seq))
    .join(Webhook, Webhook.id == Delivery.webhook_id)
    .where(Delivery.state == PENDING, Webhook.enabled, Webhook.gone_at.is_(None))
)
GAUGES = {
    "workplan_database_up": "Whether the database responds.",
    "workplan_schema_current": "Whether the tables are those that this version of the service needs, or newer ones that fit it.",
    "workplan_rebuild_due": "Whether `python -m app rebuild` has to run.",
    "workplan_data_revision": "Version of all data; it rises with each change.",
    "workplan_data_changed_timestamp_seconds": "Time of the last change of any data.",
    "workplan_change_feed_seq": "Last number of the change feed.",
    "workplan_outbox_pending": "Deliveries to webhooks that are not done.",
    "workplan_outbox_lag_seconds": "Age of the oldest change that is not delivered; 0 if all are.",
}


async def database_families(state: State) -> Iterable[Metric]:
    """What the database says; only that it is down if it is."""
    values: dict[str, float] = {"workplan_database_up": 0}
    found = "unknown"
    try:
        async with asyncio.timeout(LONGEST_READ), state.database.reading() as reader:
            found = str((await reader.execute(SCHEMA)).scalar())
            values["workplan_database_up"] = 1
            is_fitting = await fits(reader, found, state.schema_revision)
            values["workplan_schema_current"] = is_fitting
            if is_fitting:
                values |= await _of_data(reader, state.writer.clock())
    except (SQLAlchemyError, TimeoutError):
        values["workplan_database_up"] = 0
    info = InfoMetricFamily("workplan_build", "Versions of what runs.")
    versions = {
        "version": VERSION,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "database": state.database.url.get_backend_name(),
        "schema": found,
        "schema_required": state.schema_revision,
    }
    info.add_metric([], versions)
    gauges = [
        GaugeMetricFamily(name, about, value=values[name])
        for name, about in GAUGES.items()
        if name in values
    ]
    return [info, *gauges]


async def _of_data(reader: Any, now: datetime) -> dict[str, float]:
    columns = (Revision.number, Revision.changed_at, LAST_SEQ.scalar_subquery())
    number, changed_at, seq = (await reader.execute(select(*columns))).one()
    pending, oldest = (await reader.execute(OUTBOX)).one()
    lag = 0.0
    if pending:
        since = (await reader.execute(select(Change.at).where(Change.seq == oldest))).scalar()
        lag = max((now - since).total_seconds(), 0.0) if since else 0.0
    return {
        "workplan_rebuild_due": bool((await reader.execute(DUE)).scalar()),
        "workplan_data_revision": number,
        "workplan_data_changed_timestamp_seconds": changed_at.timestamp(),
        "workplan_change_feed_seq": seq,
        "workplan_outbox_pending": pending,
        "workplan_outbox_lag_seconds": lag,
    }
