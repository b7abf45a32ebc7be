"""Conditional requests, and finished answers kept: before routing, in plain ASGI.

Every 200 of a `GET` under `/v1` gets a strong `ETag` over its bytes, so it is the same on every
worker and after a restart, and differs between encodings and languages; `If-None-Match` and `If-Modified-Since`
give 304 (RFC 9110, section 13).  Answers are kept by the exact request and the version of the data,
which is asked at every request; all works without them, only slower.
"""

import gzip
import hashlib
from collections import OrderedDict
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.conditions import CACHE_CONTROL, VARY, is_data, is_known, last_modified
from app.languages import language_of
from app.negotiation import weight
from app.revisions import DataVersion, Revisions
from app.vocabulary import Script

# What a 304 repeats of the 200 (RFC 9110, section 15.4.5).
REPEATED = (b"etag", b"last-modified", b"cache-control", b"vary", b"link")
SMALLEST_COMPRESSED = 500  # bytes; below, compressing saves no packet
LARGEST_SHARE = 8  # one answer may take this part of the room, not more

Key = tuple[bytes, bytes, str, str, Script]
RawHeaders = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Answer:
    """A finished 200: its headers and bytes, for one version of the data."""

    version: DataVersion
    etag: str
    headers: RawHeaders
    body: bytes

    @property
    def size(self) -> int:
        return len(self.body) + sum(len(n) + len(v) for n, v in self.headers) + 500


class AnswerCache:
    """The layer: asks for the version, answers from what is kept, keeps what is new."""

    def __init__(self, app: ASGIApp, revisions: Revisions, most_bytes: int) -> None:
        self.app = app
        self.revisions = revisions
        self.most_bytes = most_bytes
        self.kept: OrderedDict[Key, Answer] = OrderedDict()
        self.bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not is_data(scope) or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        version = await self.revisions.current()
        if version is None:
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        encoding = "gzip" if weight(headers.get("accept-encoding"), "gzip") > 0 else "identity"
        accept = ",".join(headers.getlist("accept"))
        key = (
            scope.get("raw_path") or scope["path"].encode(),
            scope["query_string"],
            accept,
            encoding,
            language_of(scope),
        )
        answer = self.kept.get(key)
        if answer is None or answer.version != version:
            answer = await self._make(key, version, scope, receive, send)
            if answer is None:
                return  # it has been sent
        else:
            self.kept.move_to_end(key)
        await _send(answer, headers, send)

    async def _make(
        self, key: Key, version: DataVersion, scope: Scope, receive: Receive, send: Send
    ) -> Answer | None:
        """Let the app answer; a 200 is finished and kept, anything else goes out as it comes."""
        start: Message | None = None
        chunks: list[bytes] = []

        async def catch(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message if _can_be_kept(message) else None
                if start is None:
                    await send(message)
            elif start is None:
                await send(message)
            else:
                chunks.append(message.get("body", b""))

        await self.app(scope, receive, catch)
        if start is None:
            return None
        answer = finished(list(start["headers"]), b"".join(chunks), key[3], version, key[4])
        self._keep(key, answer)
        return answer

    def _keep(self, key: Key, answer: Answer) -> None:
        """The least recently used go first when the room is full."""
        replaced = self.kept.pop(key, None)
        self.bytes -= replaced.size if replaced else 0
        if answer.size * LARGEST_SHARE > self.most_bytes:
            return
        self.kept[key] = answer
        self.bytes += answer.size
        while self.bytes > self.most_bytes:
            _, oldest = self.kept.popitem(last=False)
            self.bytes -= oldest.size


def _can_be_kept(start: Message) -> bool:
    """Not what fails, and not an export: it has a validator of its own and no end of bytes."""
    return start["status"] == 200 and not any(name == b"etag" for name, _ in start["headers"])


def finished(
    headers: RawHeaders, body: bytes, encoding: str, version: DataVersion, language: Script
) -> Answer:
    """An answer with its validators, compressed where that was asked and saves something."""
    tag = hashlib.blake2b(body, digest_size=15).hexdigest()
    tag += "-hant" if language is Script.HANT else ""
    made = MutableHeaders(raw=headers)
    if encoding == "gzip" and len(body) >= SMALLEST_COMPRESSED:
        body = gzip.compress(body, 6, mtime=0)
        made["content-encoding"] = "gzip"
        tag += "-gzip"
    made["etag"] = f'"{tag}"'
    made["last-modified"] = last_modified(version.changed_at)
    made["cache-control"] = CACHE_CONTROL
    made["vary"] = VARY
    made["content-length"] = str(len(body))
    return Answer(version, made["etag"], made.raw, body)


async def _send(answer: Answer, request: Headers, send: Send) -> None:
    if is_known(request, answer.etag, answer.version.changed_at):
        headers = [(name, value) for name, value in answer.headers if name in REPEATED]
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
    else:
        # A copy, since layers outside add headers of one request.
        headers = list(answer.headers)
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})
