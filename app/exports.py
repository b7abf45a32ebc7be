"""Whole lists as streams: one snapshot, read in batches, sent as it is read.

Memory does not grow with the number of rows.  The validator needs no bytes beforehand: it is made of
the version of the data that the snapshot shows, the request and the version of the service.
"""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from fastapi import Request, Response
from sqlalchemy import Row
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Receive, Scope, Send

from app.conditions import CACHE_CONTROL, VARY, is_known, last_modified
from app.database import Reader
from app.errors import UnavailableError, Words, problem_response
from app.languages import in_script, language_of
from app.representations import CSV_TYPE
from app.revisions import READ_REVISION, DataVersion
from app.tabular import csv_head, csv_rows, ndjson_rows

NO_DATA = DataVersion(0, datetime(1970, 1, 1, tzinfo=UTC))
BATCH = 500  # rows read at a time
MOST_AT_ONCE = 2  # exports of one worker, so that the connections of others are left alone
LONGEST_SECONDS = 600.0  # a client that takes longer holds a snapshot of the database open

ReadBatch = Callable[[Reader, str | None], Awaitable[tuple[Sequence[Row[Any]], str | None]]]


class Export(Response):
    """An answer that reads while it sends; `read` gives the rows after a cursor, and the next."""

    running = 0

    def __init__(self, request: Request, resource: str, media_type: str, read: ReadBatch) -> None:
        self.request = request
        self.resource = resource
        self.format = media_type
        self.read = read
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if Export.running >= MOST_AT_ONCE:
            await problem_response(scope, _too_many())(scope, receive, send)
            return
        Export.running += 1
        try:
            async with (
                asyncio.timeout(LONGEST_SECONDS),
                self.request.app.state.database.reading() as reader,
            ):
                await self._send_all(reader, scope, send)
        finally:
            Export.running -= 1

    async def _send_all(self, reader: Reader, scope: Scope, send: Send) -> None:
        row = (await reader.execute(READ_REVISION)).one_or_none()
        version = DataVersion(row.number, row.changed_at) if row else NO_DATA
        headers = MutableHeaders(
            {
                "content-type": f"{self.format}; charset=utf-8",
                "content-language": language_of(scope),
                "etag": self._etag(scope, version),
                "last-modified": last_modified(version.changed_at),
                "cache-control": CACHE_CONTROL,
                "vary": VARY,
            }
        )
        if is_known(Headers(scope=scope), headers["etag"], version.changed_at):
            del headers["content-type"], headers["content-language"]
            await send({"type": "http.response.start", "status": 304, "headers": headers.raw})
            await send({"type": "http.response.body", "body": b""})
            return
        if self.format == CSV_TYPE:
            name = f"{scope['path'].rpartition('/')[2]}.csv"
            headers["content-disposition"] = f'attachment; filename="{name}"'
        clock = asyncio.get_running_loop().time
        began = clock()
        rows, cursor = await self.read(reader, self.request.query_params.get("cursor"))
        await send({"type": "http.response.start", "status": 200, "headers": headers.raw})
        text = _head(self.resource, self.format)
        while True:
            text += _lines(self.resource, self.format, [row.document for row in rows])
            body = in_script(text, language_of(scope)).encode()
            spent = clock() - began
            await send({"type": "http.response.body", "body": body, "more_body": bool(cursor)})
            if cursor is None or await self.request.is_disconnected():
                return
            await asyncio.sleep(spent)  # half of the worker's time is for others
            text, began = "", clock()
            rows, cursor = await self.read(reader, cursor)

    def _etag(self, scope: Scope, version: DataVersion) -> str:
        asked = sorted(self.request.query_params.multi_items())
        made_of = [
            str(version),
            [scope["path"], asked, self.format, language_of(scope)],
            self.request.app.version,
        ]
        return f'"{hashlib.blake2b(json.dumps(made_of).encode(), digest_size=15).hexdigest()}"'


def export_of(resource: str, media_type: str, documents: Sequence[str]) -> str:
    """Documents as one export."""
    return _head(resource, media_type) + _lines(resource, media_type, documents)


def _head(resource: str, media_type: str) -> str:
    return csv_head(resource) if media_type == CSV_TYPE else ""


def _lines(resource: str, media_type: str, documents: Sequence[str]) -> str:
    return csv_rows(resource, documents) if media_type == CSV_TYPE else ndjson_rows(documents)


def _too_many() -> UnavailableError:
    return UnavailableError(
        Words(
            "导出任务已满；请按 Retry-After 稍后再试，或用 limit 分页。",
            "Too many exports are running; try again after Retry-After seconds, or page by limit.",
        )
    )
