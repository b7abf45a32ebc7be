"""Conditional requests, and finished answers kept: outside everything else, in plain ASGI.

Every 200 of a `GET` under `/v1` gets a strong `ETag` over its bytes, so it is the same on every
worker and after a restart, and differs between encodings and languages; `If-None-Match` and `If-Modified-Since`
give 304 (RFC 9110, section 13).  Answers are kept by the exact request and the version of the data,
which is asked at every request; all works without them, only slower.
"""

import gzip
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.conditions import CACHE_CONTROL, VARY, entity_tag, is_data, is_known, last_modified
from app.cross_origin import ANYONE
from app.languages import language_of
from app.negotiation import weight
from app.revisions import DataVersion, Revisions
from app.today import depends_on_today, version_today
from app.vocabulary import Script
from app.wire import as_get, is_request_id, new_request_id, without_body

CHOOSING = frozenset((b"accept", b"accept-encoding", b"accept-language"))  # what `Vary` names
CONDITIONAL = frozenset((b"if-none-match", b"if-modified-since"))
REQUEST_ID = b"x-request-id"  # as the correlation-id layer has it, which sees what is not kept
READ_HERE = CHOOSING | CONDITIONAL | {REQUEST_ID}
# What a 304 repeats of the 200 (RFC 9110, section 15.4.5).
REPEATED = {b"etag", b"last-modified", b"cache-control", b"vary", b"link"}
REPEATED |= {name for name, _ in ANYONE}
SMALLEST_COMPRESSED = 500  # bytes; below, compressing saves no packet
LARGEST_SHARE = 8  # one answer may take this part of the room, not more
MOST_WORDINGS = 10_000  # of requests, each known to ask for one kept answer
LONGEST_WORDING = 500  # bytes; a longer one is read anew each time

Key = tuple[bytes, bytes, str, str, Script]  # path, query, Accept, encoding, language
Wording = tuple[bytes, ...]  # a request as it came, as far as answers vary
RawHeaders = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Answer:
    """A finished 200: its headers and bytes, for one version of the data."""

    version: DataVersion
    etag: bytes
    headers: RawHeaders
    body: bytes

    @cached_property
    def repeated(self) -> RawHeaders:
        """The headers of a 304."""
        return [header for header in self.headers if header[0] in REPEATED]

    @property
    def size(self) -> int:
        return len(self.body) + sum(len(n) + len(v) for n, v in self.headers) + 500


@dataclass(slots=True)
class Asked:
    """What the headers of a request say to this layer, read in one pass."""

    wording: Wording
    conditions: RawHeaders
    request_id: bytes | None

    @classmethod
    def by(cls, scope: Scope) -> "Asked":
        chosen: list[bytes] = [_path(scope), scope["query_string"]]
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


class AnswerCache:
    """The layer: asks for the version, answers from what is kept, keeps what is new."""

    def __init__(self, app: ASGIApp, revisions: Revisions, most_bytes: int) -> None:
        self.app = app
        self.revisions = revisions
        self.most_bytes = most_bytes
        self.kept: OrderedDict[Key, Answer] = OrderedDict()
        self.bytes = 0
        self.keys: dict[Wording, Key] = {}

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
        answer = self.kept.get(key) if key else None
        if key and answer and answer.version == version:
            self.kept.move_to_end(key)
            await _send(answer, asked, send)
        else:
            await self._make(asked, version, scope, receive, send)

    async def _make(
        self, asked: Asked, version: DataVersion, scope: Scope, receive: Receive, send: Send
    ) -> None:
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

        key = _key(scope)
        scope.setdefault("state", {})
        answer = self.kept.get(key)  # perhaps for a request in other words
        if answer is None or answer.version != version:
            await self.app(scope, receive, catch)
            if start is None:
                return
            headers = [header for header in start["headers"] if header[0] != REQUEST_ID]
            asked.request_id = dict(start["headers"]).get(REQUEST_ID)
            now = version_today(version, scope)
            answer = finished(headers, b"".join(chunks), key[3], now, key[4])
            if not depends_on_today(scope):
                self._keep(key, answer)
        self._remember(asked.wording, key)
        await _send(answer, asked, send)

    def _remember(self, wording: Wording, key: Key) -> None:
        if len(self.keys) >= MOST_WORDINGS:
            self.keys.clear()
        if sum(map(len, wording)) <= LONGEST_WORDING:
            self.keys[wording] = key

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


def _key(scope: Scope) -> Key:
    """What a request asks for, however it words that."""
    headers = Headers(scope=scope)
    encoding = "gzip" if weight(headers.get("accept-encoding"), "gzip") > 0 else "identity"
    accept = ",".join(headers.getlist("accept"))
    return _path(scope), scope["query_string"], accept, encoding, language_of(scope)


def _path(scope: Scope) -> bytes:
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    return path


def _can_be_kept(start: Message) -> bool:
    """Not what fails, and not what has a validator of its own: exports, and what is not public."""
    return start["status"] == 200 and not any(name == b"etag" for name, _ in start["headers"])


def finished(
    headers: RawHeaders, body: bytes, encoding: str, version: DataVersion, language: Script
) -> Answer:
    """An answer with its validators, compressed where that was asked and saves something."""
    plain, variant = body, "-hant" if language is Script.HANT else ""
    made = MutableHeaders(raw=headers)
    if encoding == "gzip" and len(body) >= SMALLEST_COMPRESSED:
        body = gzip.compress(body, 6, mtime=0)
        made["content-encoding"] = "gzip"
        variant += "-gzip"
    made["etag"] = entity_tag(plain, variant)
    made["last-modified"] = last_modified(version.changed_at)
    made["cache-control"] = CACHE_CONTROL
    made["vary"] = VARY
    made["content-length"] = str(len(body))
    return Answer(version, made["etag"].encode(), made.raw, body)


async def _send(answer: Answer, asked: Asked, send: Send) -> None:
    """The answer, or a 304 where the client has it."""
    status, headers, body = 200, answer.headers, answer.body
    if asked.conditions and _is_known(answer, asked.conditions):
        status, headers, body = 304, answer.repeated, b""
    request_id = asked.request_id or new_request_id().encode()
    headers = [*headers, (REQUEST_ID, request_id)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _is_known(answer: Answer, conditions: RawHeaders) -> bool:
    if conditions == [(b"if-none-match", answer.etag)]:
        return True
    return is_known(Headers(raw=conditions), answer.etag.decode(), answer.version.changed_at)
