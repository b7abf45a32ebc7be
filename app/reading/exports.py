"""Whole lists as streams: one database snapshot, read in batches and sent batch by batch.

Memory does not grow with the number of rows.  The ETag is known before the first byte: it is computed
from the data version of the snapshot, the request and the version of the service.
"""

import asyncio
import json
import zlib
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fastapi import Request, Response
from sqlalchemy import Row
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Receive, Scope, Send

from app.db.engine import Reader
from app.db.revision import READ_REVISION, DataVersion, own_time, version_of
from app.enums import Script, TableHeader
from app.formats.tables import csv_head, csv_rows, ndjson_rows
from app.formats.xlsx import Workbook, workbook_of
from app.http.etags import CACHE_CONTROL, VARY, entity_tag, is_known, last_modified
from app.http.languages import in_script, language_of
from app.http.media_types import CSV_TYPE, XLSX_TYPE, attachment, content_type
from app.http.negotiation import HEADERS_ONLY, accepts_gzip
from app.http.problems import Message, UnavailableError, problem_response
from app.kinds.kind import Kind
from app.reading.export_slots import Slots

GZIP_WINDOW = 31  # zlib: the largest window, in the format of gzip
BATCH = 500  # rows read at a time
CHUNK = 1 << 18  # bytes of a file sent at a time
TIMEOUT = 600.0  # seconds; a slow client keeps a snapshot of the database open

ReadBatch = Callable[[Reader, str | None], Awaitable[tuple[Sequence[Row[Any]], str | None]]]


class Export(Response):
    """A streaming response; `read` returns the rows after a cursor, and the next cursor."""

    slots = Slots()

    def __init__(
        self,
        request: Request,
        kind: Kind,
        media_type: str,
        header: TableHeader,
        read: ReadBatch,
    ) -> None:
        self.request = request
        self.kind = kind
        self.format = media_type
        self.header = header
        self.read = read
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Responses without rows need no slot; the last chunk is sent after the slot is released."""
        last: bytes | None = b""
        slot = None
        try:
            async with asyncio.timeout(TIMEOUT) as limit, AsyncExitStack() as snapshot:
                database = self.request.app.state.reads
                reader = await snapshot.enter_async_context(database.reading())
                revision = (await reader.execute(READ_REVISION)).one()
                version = version_of(scope, DataVersion(*revision))
                headers = self._headers_of(scope, version)
                status = self._status_without_rows(scope, headers["etag"], version)
                if status is None:
                    with self.slots.taken(scope, send, limit) as slot:
                        if slot:
                            last = await self._send_all_but_last(
                                reader, snapshot, scope, headers, slot.send
                            )
        except TimeoutError:
            if slot and slot.is_ended:
                return  # unfinished, so that the server closes the connection
            raise
        if not status and not slot:
            await problem_response(scope, _too_many())(scope, receive, send)
            return
        if status == HTTPStatus.NOT_MODIFIED:
            for name in (
                "content-type",
                "content-language",
                "content-disposition",
                "content-encoding",
            ):
                del headers[name]
        if status:
            await send({"type": "http.response.start", "status": status, "headers": headers.raw})
        if last is not None:
            await send({"type": "http.response.body", "body": last})

    def _headers_of(self, scope: Scope, version: DataVersion) -> MutableHeaders:
        headers = {
            "content-type": content_type(self.format),
            "content-language": language_of(scope),
            "etag": self._etag(scope, version),
            "last-modified": last_modified(version.date_at(self.request.app.state.writer.clock())),
            "cache-control": CACHE_CONTROL,
            "vary": VARY,
            **({"content-encoding": "gzip"} if self._is_packed(scope) else {}),
        }
        return MutableHeaders(headers | attachment(scope["path"].rpartition("/")[2], self.format))

    def _status_without_rows(self, scope: Scope, etag: str, version: DataVersion) -> int | None:
        """304 or 200 for a client that needs no rows; None: send the rows."""
        if is_known(Headers(scope=scope), etag, version.dated):
            return HTTPStatus.NOT_MODIFIED
        if scope.get(HEADERS_ONLY):
            return HTTPStatus.OK
        return None

    async def _send_all_but_last(
        self,
        reader: Reader,
        snapshot: AsyncExitStack,
        scope: Scope,
        headers: MutableHeaders,
        send: Send,
    ) -> bytes | None:
        """Send all but the last chunk, which is returned; None if the client has disconnected."""
        language = language_of(scope)
        if self.format != XLSX_TYPE:
            return await self._send_text(reader, language, headers, send)
        with TemporaryDirectory(prefix="workplan-export-") as folder:
            path = Path(folder) / "export.xlsx"
            if not await self._write_workbook(reader, language, path):
                return None
            await snapshot.aclose()
            headers["content-length"] = str(path.stat().st_size)
            await send({"type": "http.response.start", "status": 200, "headers": headers.raw})
            return await _send_file(path, send)

    async def _send_text(
        self, reader: Reader, language: Script, headers: MutableHeaders, send: Send
    ) -> bytes | None:
        """Send each batch as soon as it is read."""
        clock = asyncio.get_running_loop().time
        began = clock()
        rows, cursor = await self.read(reader, self.request.query_params.get("cursor"))
        await send({"type": "http.response.start", "status": 200, "headers": headers.raw})
        text, pack = _head(self.kind, self.format, self.header), None
        if "content-encoding" in headers:
            pack = zlib.compressobj(6, zlib.DEFLATED, GZIP_WINDOW)
        while True:
            documents = [row.document for row in rows]
            text += _lines(self.kind, self.format, self.header, documents)
            body = in_script(text, language).encode()
            if pack:  # in a thread, so that the event loop stays free
                body = await asyncio.to_thread(_packed, pack, body, is_last=cursor is None)
            if cursor is None:
                return body
            spent = clock() - began
            await send({"type": "http.response.body", "body": body, "more_body": True})
            if await self.request.is_disconnected():
                return None
            await asyncio.sleep(spent)  # leave half of the worker's time to other requests
            text, began = "", clock()
            rows, cursor = await self.read(reader, cursor)

    async def _write_workbook(self, reader: Reader, language: Script, path: Path) -> bool:
        """Write the workbook to disk in a thread, as it can be compressed only as a whole.

        Returns False if the client has disconnected.
        """
        tables = self.kind.sheets
        book = Workbook(path, self.header, tables, language)
        cursor = self.request.query_params.get("cursor")
        while True:
            rows, cursor = await self.read(reader, cursor)
            documents = [in_script(row.document, language) for row in rows]
            await asyncio.to_thread(book.add, dict.fromkeys(tables, documents))
            disconnected = cursor is not None and await self.request.is_disconnected()
            if cursor is None or disconnected:
                break
        await asyncio.to_thread(book.close)
        return not disconnected

    def _etag(self, scope: Scope, version: DataVersion) -> str:
        params = self.request.query_params.multi_items()
        selecting = sorted(item for item in params if item[0] not in ("format", "lang"))
        inputs = [
            str(version),
            str(own_time(scope)),
            [scope["path"], selecting, self.format, language_of(scope)],
            self.request.app.version,
        ]
        variant = "-gzip" if self._is_packed(scope) else ""
        return entity_tag(json.dumps(inputs).encode(), variant)

    def _is_packed(self, scope: Scope) -> bool:
        """Whether the response is gzipped; a workbook is compressed already."""
        return self.format != XLSX_TYPE and accepts_gzip(Headers(scope=scope))


async def _send_file(path: Path, send: Send) -> bytes:
    """Send all but the last chunk, which is returned."""
    with path.open("rb") as file:
        chunk = file.read(CHUNK)
        while following := file.read(CHUNK):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            chunk = following
    return chunk


def export_of(
    kind: Kind,
    media_type: str,
    header: TableHeader,
    documents: Sequence[str],
    language: Script,
) -> str | bytes:
    """Documents as one export.

    Text stays in the notice's script, since middleware converts it; a workbook is converted here.
    """
    if media_type == XLSX_TYPE:
        tables = kind.sheets
        converted = [in_script(document, language) for document in documents]
        return workbook_of(header, tables, dict.fromkeys(tables, converted), language)
    return _head(kind, media_type, header) + _lines(kind, media_type, header, documents)


def _head(kind: Kind, media_type: str, header: TableHeader) -> str:
    return csv_head(kind.table, header) if media_type == CSV_TYPE else ""


def _lines(kind: Kind, media_type: str, header: TableHeader, documents: Sequence[str]) -> str:
    if media_type == CSV_TYPE:
        return csv_rows(kind.table, header, documents)
    return ndjson_rows(documents)


def _packed(pack: "zlib._Compress", body: bytes, *, is_last: bool) -> bytes:
    """A compressed batch, flushed so that the client can decode it at once."""
    return pack.compress(body) + pack.flush(zlib.Z_FINISH if is_last else zlib.Z_SYNC_FLUSH)


def _too_many() -> UnavailableError:
    return UnavailableError(
        Message(
            "导出任务已满；请按 Retry-After 稍后再试，或用 limit 分页。",
            "Too many exports are running; try again after Retry-After seconds, or page by limit.",
        )
    )
