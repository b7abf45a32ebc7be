"""Conditional requests, and finished answers kept: outside everything else, in plain ASGI.

Every 200 of a `GET` under `/v1` gets a strong `ETag` over its bytes, or over the version of the data
where the route says so, so it is the same on every worker and after a restart, and differs between
encodings and languages; `If-None-Match` and `If-Modified-Since`
give 304 (RFC 9110, section 13).  Responses are cached by the exact request and the version of the
data, which is asked at every request; all works without them, only slower.
"""

import asyncio
import gzip
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from urllib.parse import parse_qsl

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import VERSION
from app.db.revision import VALIDATOR, Clock, DataVersion, Revisions, is_cacheable, version_of
from app.enums import Script
from app.http.etags import (
    CACHE_CONTROL,
    SMALLEST_COMPRESSED,
    VARY,
    entity_tag,
    is_compressible,
    is_data,
    is_known,
    last_modified,
)
from app.http.languages import language_of
from app.http.negotiation import HEADERS_ONLY, accepts_gzip
from app.http.paths import prefixed
from app.middleware.cors import ANYONE
from app.middleware.requests import as_get, is_request_id, new_request_id, without_body
from app.reading.bounded import BoundedMap, digest

CHOOSING = frozenset((b"accept", b"accept-encoding", b"accept-language"))  # what `Vary` names
CONDITIONAL = frozenset((b"if-none-match", b"if-modified-since"))
REQUEST_ID = b"x-request-id"  # as the correlation-id layer has it, which sees what is not cached
READ_HERE = CHOOSING | CONDITIONAL | {REQUEST_ID}
# What a 304 repeats of the 200 (RFC 9110, section 15.4.5).
REPEATED = {b"etag", b"last-modified", b"cache-control", b"vary", b"link"}
REPEATED |= {name for name, _ in ANYONE}
LARGE = 1 << 17  # bytes; compressing more takes longer than a thread costs
WORDINGS_SHARE = 16  # the part of the room that is for the wordings of requests
LONGEST_WORDING = 500  # bytes; a longer one is read anew each time
PART = 60  # bytes of a part of a wording, beside its text

Wording = tuple[bytes | str, ...]  # a request as it came, as far as answers vary
RawHeaders = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class CachedResponse:
    """A finished 200: its headers and bytes, for one version of the data."""

    version: DataVersion
    etag: bytes
    headers: RawHeaders
    body: bytes
    until: datetime | None  # when it can have a date by which clients may ask again

    @cached_property
    def repeated(self) -> RawHeaders:
        """The headers of a 304."""
        return [header for header in self.headers if header[0] in REPEATED]

    @property
    def size(self) -> int:
        return len(self.body) + 2 * sum(len(n) + len(v) + PART for n, v in self.headers)


@dataclass(frozen=True)
class Variant:
    """What a request asks for, however it words that; `key` is the same for the same."""

    key: bytes
    encoding: str
    language: Script

    @classmethod
    def of(cls, scope: Scope) -> "Variant":
        headers = Headers(scope=scope)
        encoding = "gzip" if accepts_gzip(headers) else "identity"
        language = language_of(scope)
        accept = headers.getlist("accept")
        asked = _path(scope), scope["query_string"], accept, encoding, language
        key = digest(prefixed(scope, ""), *asked)
        return cls(key, encoding, language)


@dataclass(slots=True)
class Asked:
    """What the headers of a request say to this layer, read in one pass."""

    wording: Wording
    conditions: RawHeaders
    request_id: bytes | None

    @classmethod
    def by(cls, scope: Scope) -> "Asked":
        chosen: list[bytes | str] = [
            _path(scope),
            scope["query_string"],
            prefixed(scope, ""),
        ]
        conditions: RawHeaders = []
        request_id = None
        for header in scope["headers"]:
            if (name := header[0]) not in READ_HERE:
                continue
            if name in CHOOSING:
                chosen += header
            elif name in CONDITIONAL:
                conditions.append(header)
            elif is_request_id(header[1]):
                request_id = header[1]
        return cls(tuple(chosen), conditions, request_id)


class ResponseCache:
    """The layer: asks for the version, answers from what is cached, caches what is new."""

    def __init__(self, app: ASGIApp, revisions: Revisions, most_bytes: int, clock: Clock) -> None:
        self.app = app
        self.revisions = revisions
        self.clock = clock
        of_wordings = most_bytes // WORDINGS_SHARE
        self.responses: BoundedMap[bytes, CachedResponse] = BoundedMap(most_bytes - of_wordings)
        self.keys: BoundedMap[Wording, bytes] = BoundedMap(of_wordings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not is_data(scope) or scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        version = await self.revisions.current()
        if version is None:
            await self.app(scope, receive, send)
            return
        if scope["method"] == "HEAD":
            scope, send = as_get(scope), without_body(send)
        asked = Asked.by(scope)
        key = self.keys.get(asked.wording)
        if key and (cached := self._cached(key, version)):
            await _send(cached, asked, send)
        else:
            await self._make(asked, version, scope, receive, send)

    def _cached(self, key: bytes, version: DataVersion) -> CachedResponse | None:
        cached = self.responses.get(key)
        if cached is None or cached.version != version:
            return None
        return None if cached.until and cached.until <= self.clock() else cached

    async def _make(
        self, asked: Asked, version: DataVersion, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Let the app answer; a 200 is finished and cached, anything else goes out as it comes."""
        start: Message | None = None
        chunks: list[bytes] = []

        async def catch(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message if _can_be_cached(message) else None
                if start is None:
                    await send(message)
            elif start is None:
                await send(message)
            else:
                chunks.append(message.get("body", b""))

        variant = Variant.of(scope)
        scope.setdefault("state", {})
        cached = self._cached(variant.key, version)  # perhaps for a request in other words
        if cached is None:
            await self.app(scope, receive, catch)
            if start is None:
                return
            headers = [header for header in start["headers"] if header[0] != REQUEST_ID]
            asked.request_id = dict(start["headers"]).get(REQUEST_ID)
            now, body = self.clock(), b"".join(chunks)
            of_request = version_of(scope, version)
            validator = _validator(scope, headers)
            if validator and scope.get(HEADERS_ONLY):  # there is no body, and none to cache
                await _send(headers_only(headers, variant, validator, of_request, now), asked, send)
                return
            if len(body) < LARGE:
                cached = finished(headers, body, variant, of_request, now, validator)
            else:
                made = asyncio.to_thread(
                    finished, headers, body, variant, of_request, now, validator
                )
                cached = await made
            if is_cacheable(scope):
                self.responses.put(variant.key, cached, cached.size)
        if (length := sum(map(len, asked.wording))) <= LONGEST_WORDING:
            self.keys.put(asked.wording, variant.key, length + PART * len(asked.wording))
        await _send(cached, asked, send)


def _path(scope: Scope) -> bytes:
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    return path


def _can_be_cached(start: Message) -> bool:
    """Not what fails, what is private, or what is streamed and has validators of its own: exports."""
    headers = Headers(raw=start["headers"])
    is_private = "no-store" in headers.get("cache-control", "")
    return start["status"] == 200 and not is_private and "etag" not in headers


def _validator(scope: Scope, headers: RawHeaders) -> bytes | None:
    """What stands for the bytes of a response whose validator is the version of the data.

    The same whether its format was asked for by `?format=` or by `Accept`.
    """
    version = scope["state"].get(VALIDATOR)
    if version is None:
        return None
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    params = sorted(one for one in query if one[0] not in ("format", "lang"))
    media_type = dict(headers).get(b"content-type")
    return repr((version, scope["path"], params, media_type, VERSION)).encode()


def headers_only(
    headers: RawHeaders, variant: Variant, validator: bytes, version: DataVersion, now: datetime
) -> CachedResponse:
    """What `finished` makes of the same request, without a body and what only that would tell."""
    made = finished(headers, b"", variant, version, now, validator)
    return replace(made, headers=[one for one in made.headers if one[0] != b"content-length"])


def finished(
    headers: RawHeaders,
    body: bytes,
    variant: Variant,
    version: DataVersion,
    now: datetime,
    validator: bytes | None = None,
) -> CachedResponse:
    """A response with its validators, compressed where that was asked and saves something.

    What a validator stands for is compressed whatever its size, which HEAD does not know.
    """
    plain, suffix = body, "-hant" if variant.language is Script.HANT else ""
    made = MutableHeaders(raw=headers)
    size = SMALLEST_COMPRESSED if validator else len(body)
    if variant.encoding == "gzip" and is_compressible(made.get("content-type", ""), size):
        body = gzip.compress(body, 6, mtime=0)
        made["content-encoding"] = "gzip"
        suffix += "-gzip"
    made["etag"] = entity_tag(validator or plain, suffix)
    made["last-modified"] = last_modified(version.date_at(now))
    made["cache-control"] = CACHE_CONTROL
    made["vary"] = VARY
    made["content-length"] = str(len(body))
    until = version.dated if version.dated and version.dated > now else None
    return CachedResponse(version, made["etag"].encode(), made.raw, body, until)


async def _send(cached: CachedResponse, asked: Asked, send: Send) -> None:
    """The response, or a 304 where the client has it."""
    status, headers, body = 200, cached.headers, cached.body
    if asked.conditions and _is_known(cached, asked.conditions):
        status, headers, body = 304, cached.repeated, b""
    request_id = asked.request_id or new_request_id().encode()
    headers = [*headers, (REQUEST_ID, request_id)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _is_known(cached: CachedResponse, conditions: RawHeaders) -> bool:
    if conditions == [(b"if-none-match", cached.etag)]:
        return True
    return is_known(Headers(raw=conditions), cached.etag.decode(), cached.version.dated)
