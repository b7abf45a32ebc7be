"""Conditional requests, and the cache of complete responses, in plain ASGI.

Every 200 of a `GET` under `/v1`, and every page, has a strong `ETag` of its bytes, or of the version of the data if
the route declares that.  So it is the same on every worker and after a restart, and differs between
encodings and languages.  `If-None-Match` and `If-Modified-Since` return 304 (RFC 9110, section 13).
Responses are cached by request and version of the data; each request reads the current version.
Without the cache everything works, only slower.
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
from app.db.revision import (
    VALIDATOR,
    Clock,
    DataVersion,
    OwnTime,
    Revisions,
    own_time,
    version_of,
)
from app.enums import Script
from app.http.etags import (
    CACHE_CONTROL,
    PAGE_VARY,
    SMALLEST_COMPRESSED,
    VARY,
    entity_tag,
    is_compressible,
    is_data,
    is_known,
    is_page,
    last_modified,
)
from app.http.languages import language_of
from app.http.negotiation import HEADERS_ONLY, accepts_gzip
from app.http.paths import prefixed
from app.middleware.cors import ANYONE
from app.middleware.requests import as_get, is_request_id, new_request_id, without_body
from app.reading.bounded import BoundedMap, digest
from app.telemetry.requests import seen_of

SELECTING = frozenset((b"accept", b"accept-encoding", b"accept-language"))  # those in `Vary`
CONDITIONAL = frozenset((b"if-none-match", b"if-modified-since"))
REQUEST_ID = b"x-request-id"  # the correlation-id layer, within this one, sets it if not cached
RELEVANT = SELECTING | CONDITIONAL | {REQUEST_ID}
# Headers of the 200 that a 304 repeats (RFC 9110, section 15.4.5).
REPEATED = {b"etag", b"last-modified", b"cache-control", b"vary", b"link"}
REPEATED |= {name for name, _ in ANYONE}
LARGE = 1 << 17  # bytes; compressing more is worth a thread
RAW_KEYS_SHARE = 16  # raw keys may use 1/16 of the memory of the cache
LONGEST_RAW_KEY = 500  # bytes; a longer one is not cached
PART = 60  # bytes of memory for each part of a raw key, in addition to its text

RawKey = tuple[bytes | str, ...]  # the unparsed parts of a request that select a response
RawHeaders = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class CachedResponse:
    """A complete 200 for one version of the data: its headers and bytes."""

    version: DataVersion
    etag: bytes
    headers: RawHeaders
    body: bytes
    dated: datetime | None  # its date, if no other response of this resource has it
    until: datetime | None  # when Last-Modified changes: its date, if in the future
    own_time: OwnTime | None = None  # if it does not depend on the data alone
    route: str = ""  # its template, for metrics

    @cached_property
    def repeated(self) -> RawHeaders:
        """The headers of a 304."""
        return [header for header in self.headers if header[0] in REPEATED]

    @property
    def size(self) -> int:
        return len(self.body) + 2 * sum(len(n) + len(v) + PART for n, v in self.headers)


@dataclass(frozen=True)
class Variant:
    """The response that a request selects; equivalent requests have the same `key`."""

    key: bytes
    encoding: str
    language: Script
    vary: str = VARY

    @classmethod
    def of(cls, scope: Scope) -> "Variant":
        headers = Headers(scope=scope)
        encoding = "gzip" if accepts_gzip(headers) else "identity"
        if is_page(scope):
            language, accept, vary = Script.HANS, [], PAGE_VARY
        else:
            language, accept, vary = language_of(scope), headers.getlist("accept"), VARY
        parts = _path(scope), scope["query_string"], accept, encoding, language
        key = digest(prefixed(scope, ""), *parts)
        return cls(key, encoding, language, vary)


@dataclass(slots=True)
class Lookup:
    """What this layer needs of a request, read in one pass over its headers."""

    raw_key: RawKey
    conditions: RawHeaders
    request_id: bytes | None

    @classmethod
    def of(cls, scope: Scope) -> "Lookup":
        raw_key: list[bytes | str] = [
            _path(scope),
            scope["query_string"],
            prefixed(scope, ""),
        ]
        conditions: RawHeaders = []
        request_id = None
        for header in scope["headers"]:
            if (name := header[0]) not in RELEVANT:
                continue
            if name in SELECTING:
                raw_key += header
            elif name in CONDITIONAL:
                conditions.append(header)
            elif is_request_id(header[1]):
                request_id = header[1]
        return cls(tuple(raw_key), conditions, request_id)


class ResponseCache:
    """The layer: reads the current version, then sends a cached response or caches a new one."""

    def __init__(self, app: ASGIApp, revisions: Revisions, most_bytes: int, clock: Clock) -> None:
        self.app = app
        self.revisions = revisions
        self.clock = clock
        for_raw_keys = most_bytes // RAW_KEYS_SHARE
        self.responses: BoundedMap[bytes, CachedResponse] = BoundedMap(most_bytes - for_raw_keys)
        self.keys: BoundedMap[RawKey, bytes] = BoundedMap(for_raw_keys)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not (is_data(scope) or is_page(scope)) or scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        version = await self.revisions.current()
        if version is None:
            await self.app(scope, receive, send)
            return
        if scope["method"] == "HEAD":
            scope, send = as_get(scope), without_body(send)
        lookup, seen = Lookup.of(scope), seen_of(scope)
        key = self.keys.get(lookup.raw_key)
        if key and (cached := self._cached(key, version)):
            seen.cache, seen.route = "hit", cached.route
            await _send(cached, lookup, send)
        else:
            seen.cache = "miss"
            await self._make(lookup, version, scope, receive, send)

    def _cached(self, key: bytes, version: DataVersion) -> CachedResponse | None:
        cached = self.responses.get(key)
        if cached is None or cached.version != version:
            return None
        if cached.own_time and not cached.own_time.is_valid(self.clock()):
            return None
        return None if cached.until and cached.until <= self.clock() else cached

    async def _make(
        self, lookup: Lookup, version: DataVersion, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Call the application; complete and cache a 200, pass on everything else unchanged."""
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
        cached = self._cached(variant.key, version)  # perhaps cached for an equivalent request
        seen = seen_of(scope)
        if cached is not None:
            seen.cache, seen.route = "hit", cached.route
        else:
            await self.app(scope, receive, catch)
            if start is None:
                return
            headers = [header for header in start["headers"] if header[0] != REQUEST_ID]
            lookup.request_id = dict(start["headers"]).get(REQUEST_ID)
            now, body = self.clock(), b"".join(chunks)
            of_request = version_of(scope, version)
            validator = _validator(scope, headers)
            if validator and scope.get(HEADERS_ONLY):  # no body to cache
                await _send(
                    headers_only(headers, variant, validator, of_request, now), lookup, send
                )
                return
            if len(body) < LARGE:
                cached = finished(headers, body, variant, of_request, now, validator)
            else:
                cached = await asyncio.to_thread(
                    finished, headers, body, variant, of_request, now, validator
                )
            own = own_time(scope)
            if own is None or own.until is not None:
                to_cache = replace(cached, version=version, own_time=own, route=seen.route)
                self.responses.put(variant.key, to_cache, cached.size)
        if (length := sum(map(len, lookup.raw_key))) <= LONGEST_RAW_KEY:
            self.keys.put(lookup.raw_key, variant.key, length + PART * len(lookup.raw_key))
        await _send(cached, lookup, send)


def _path(scope: Scope) -> bytes:
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    return path


def _can_be_cached(start: Message) -> bool:
    """Whether a response has status 200, is not private, and has no validators of its own (exports)."""
    headers = Headers(raw=start["headers"])
    is_private = "no-store" in headers.get("cache-control", "")
    return start["status"] == 200 and not is_private and "etag" not in headers


def _validator(scope: Scope, headers: RawHeaders) -> bytes | None:
    """The input of the ETag of a response whose validator is the version of the data.

    It is the same whether `?format=` or `Accept` selected the format.
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
    """The result of `finished` for the same request, without the body and its length."""
    complete = finished(headers, b"", variant, version, now, validator)
    return replace(
        complete, headers=[one for one in complete.headers if one[0] != b"content-length"]
    )


def finished(
    headers: RawHeaders,
    body: bytes,
    variant: Variant,
    version: DataVersion,
    now: datetime,
    validator: bytes | None = None,
) -> CachedResponse:
    """A response with its validators, compressed if the client accepts it and it saves something.

    With a `validator` it is compressed whatever its size, since a HEAD does not know the size.
    """
    plain, suffix = body, "-hant" if variant.language is Script.HANT else ""
    complete = MutableHeaders(raw=headers)
    size = SMALLEST_COMPRESSED if validator else len(body)
    if variant.encoding == "gzip" and is_compressible(complete.get("content-type", ""), size):
        body = gzip.compress(body, 6, mtime=0)
        complete["content-encoding"] = "gzip"
        suffix += "-gzip"
    complete["etag"] = entity_tag(validator or plain, suffix)
    complete["last-modified"] = last_modified(version.date_at(now))
    complete.setdefault("cache-control", CACHE_CONTROL)  # a past day is cached longer
    complete["vary"] = variant.vary
    complete["content-length"] = str(len(body))
    dated = version.dated
    until = dated if dated and dated > now else None
    return CachedResponse(version, complete["etag"].encode(), complete.raw, body, dated, until)


async def _send(cached: CachedResponse, lookup: Lookup, send: Send) -> None:
    """Send the response, or a 304 if the client has it."""
    status, headers, body = 200, cached.headers, cached.body
    if lookup.conditions and _is_known(cached, lookup.conditions):
        status, headers, body = 304, cached.repeated, b""
    request_id = lookup.request_id or new_request_id().encode()
    headers = [*headers, (REQUEST_ID, request_id)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _is_known(cached: CachedResponse, conditions: RawHeaders) -> bool:
    if conditions == [(b"if-none-match", cached.etag)]:
        return True
    return is_known(Headers(raw=conditions), cached.etag.decode(), cached.dated)
