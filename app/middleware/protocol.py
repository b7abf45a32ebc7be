"""HTTP/1.1 below ASGI: limits of size and time, and requests refused before the application.

The parser (httptools) is strict but has no limits.  They are added here: the size of a head as it
arrives, `Host`, version and framing (RFC 9112), and the timer of `connections`.  uvicorn chooses
this parser for speed, so the checks must add little work to a request.
"""

import json
import re
from http import HTTPStatus
from typing import Any

import httptools
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as ASGIMessage
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.http.problems import (
    PROBLEMS_PATH,
    ApiError,
    HeadTooLargeError,
    MalformedRequestError,
    Message,
    UnavailableError,
)
from app.middleware.connections import Phase, Stall, connections_of, unconfirmed
from app.middleware.requests import new_request_id
from app.middleware.security_headers import OF_ALL
from app.reading.export_slots import UNCONFIRMED
from app.telemetry.metrics import REFUSED, Metrics

MAX_HEAD = 1 << 16  # bytes of request line and headers, or of the framing of a body
MAX_HEADERS = 100
SLICE = 1 << 14  # bytes parsed at a time; an incomplete head may exceed MAX_HEAD by this much
CHUNK_FRAMING = 16  # bytes that frame a chunk of a body, without extensions
MAX_PIPELINED = 16  # queued requests of a connection
HEAD_END = b"\r\n\r\n"
# Maximum seconds in a phase, counted by `on_tick`; uvicorn has a setting for idle connections.
PATIENCE = {Phase.HEAD: 10, Phase.BODY: 30, Phase.CLOSING: 2}
# RFC 9110, section 7.2: a name, an address, or an address in brackets; and a port.
HOST = re.compile(
    rb"(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(?::[0-9]*)?"
)
ABSOLUTE_FORM = re.compile(rb"https?://([^/?#]+)(.*)", re.IGNORECASE | re.DOTALL)
FRAMING = frozenset((b"host", b"transfer-encoding", b"content-length"))

NOT_HTTP = Message(
    "不是合法的 HTTP 请求：请求行或头部有误；"
    "网址中的汉字须作百分号编码（curl -G --data-urlencode）。",
    "Not a valid HTTP request: the request line or headers are malformed;"
    " Chinese characters in a URL must be percent-encoded.",
)
WRONG_HOST = Message(
    "HTTP/1.1 请求须有且只有一个合法的 Host 头。",
    "An HTTP/1.1 request must have exactly one valid Host header.",
)
WRONG_VERSION = Message(
    "只支持 HTTP/1.1 与 HTTP/1.0。", "Only HTTP/1.1 and HTTP/1.0 are supported."
)
WRONG_CODING = Message(
    "Transfer-Encoding 只支持 chunked，且只用于 HTTP/1.1。",
    "Transfer-Encoding must be chunked and is supported in HTTP/1.1 only.",
)
NO_TUNNEL = Message(
    "此服务不是代理，不支持 CONNECT。", "This server is not a proxy: CONNECT is not supported."
)
FULL = Message(
    "连接数已满；请按 Retry-After 稍后再试。",
    "Too many connections are open; try again after Retry-After seconds.",
)


class RefusedError(Exception):
    """The request is refused and not read any further."""

    def __init__(self, error: ApiError) -> None:
        self.error = error
        super().__init__(error.detail.en)


class Flow(FlowControl):
    """Flow control that keeps reading paused while there are unparsed bytes."""

    is_held = False

    def resume_reading(self) -> None:
        if not self.is_held:
            super().resume_reading()


class ProblemProtocol(HttpToolsProtocol):
    """A connection with time limits that refuses requests with problem documents.

    It ignores `Upgrade`, as RFC 9110, section 7.8, allows: Java's client sends `Upgrade: h2c` to
    every server, and the parser would not read the body of such a request.
    """

    flow: Flow

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.headers = []
        self.phase = Phase.HEAD
        self.seconds = 0
        self.framing = 0  # upper estimate of the bytes of this request that are not body
        self.fed = 0  # length of the slice that is being parsed
        self.length = 0  # of the body, as its head says
        self.unparsed = b""  # bytes received while the queue of requests is full
        self.running: RequestResponseCycle | None = None
        self.refusal: ApiError | None = None
        self.last: RequestResponseCycle | None = None  # the connection ends with its response
        self.stall = Stall()
        self.extensions = {UNCONFIRMED: self._unconfirmed}
        self.all = connections_of(self.server_state, self.loop)

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.flow = Flow(transport)
        if not self.all.add(self):
            self._refuse(UnavailableError(FULL))

    def connection_lost(self, exc: Exception | None) -> None:
        self.all.remove(self)
        super().connection_lost(exc)
        if self.running:  # with pipelined requests, uvicorn notifies only the last
            self.running.disconnected = True
            self.running.message_event.set()

    def data_received(self, data: bytes) -> None:
        """Parse received bytes, unless the connection was refused."""
        if not self.refusal:
            self.unparsed += data
            self._parse()

    def _parse(self) -> None:
        """Parse until the queue of requests is full; the rest once there is room again."""
        data, self.unparsed = self.unparsed, b""
        self.flow.is_held = False
        start = 0
        try:
            while start < len(data):
                room = MAX_PIPELINED - len(self.pipeline)
                if room <= 0:
                    self.unparsed = data[start:]
                    self.flow.pause_reading()
                    self.flow.is_held = True
                    return
                end = _slice_end(data, start, room)
                self._feed(data[start:end])
                start = end
        except RefusedError as refused:
            self._refuse(refused.error)
        except httptools.HttpParserError as error:
            raised = error.__context__  # from a callback
            refusal = raised.error if isinstance(raised, RefusedError) else None
            self._refuse(refusal or MalformedRequestError(NOT_HTTP))

    def _feed(self, data: bytes) -> None:
        self.fed = len(data)
        self.framing += self.fed
        while True:
            try:
                self.parser.feed_data(data)
                break
            except httptools.HttpParserUpgrade as upgrade:
                data = self._without_upgrade() + data[upgrade.args[0] :]
        if self.framing > MAX_HEAD + SLICE or len(self.headers) > MAX_HEADERS:
            raise RefusedError(HeadTooLargeError())

    def _without_upgrade(self) -> bytes:
        """The head just parsed, without `Upgrade`, for a new parser that then reads the body."""
        method, version = self.parser.get_method(), self.parser.get_http_version().encode()
        lines = [b"%b %b HTTP/%b" % (method, self.url, version)]
        lines += [b"%b: %b" % header for header in self.headers if header[0] != b"upgrade"]
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        return b"\r\n".join([*lines, b"", b""])

    def on_message_begin(self) -> None:
        self.phase = Phase.HEAD
        self.seconds = self.length = 0
        super().on_message_begin()
        self.scope["extensions"] = self.extensions  # type: ignore[typeddict-item]

    def on_headers_complete(self) -> None:
        if len(self.headers) > MAX_HEADERS or (self.framing > MAX_HEAD and self._head() > MAX_HEAD):
            raise RefusedError(HeadTooLargeError())
        if self.parser.should_upgrade():
            if self.parser.get_method() == b"CONNECT":
                raise RefusedError(MalformedRequestError(NO_TUNNEL))
            return  # it is parsed again without `Upgrade`
        self._check_framing()
        if not self.url.startswith(b"/"):
            self.url = _origin_form(self.url)
        super().on_headers_complete()
        self.phase = Phase.BODY
        self.framing = self.fed
        self.headers = []  # for trailers, which are ignored

    def _head(self) -> int:
        """The size of the head in bytes."""
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _check_framing(self) -> None:
        """Refuse what servers and proxies could interpret differently (RFC 9112, section 11.2).

        The parser refuses the rest: several lengths, a length together with chunks, folded lines.
        """
        version = self.parser.get_http_version()
        hosts = 0
        for name, value in [header for header in self.headers if header[0] in FRAMING]:
            if name == b"host":
                hosts += 1
                if hosts > 1 or not HOST.fullmatch(value.strip(b" \t")):
                    raise RefusedError(MalformedRequestError(WRONG_HOST))
            elif name == b"content-length":
                self.length = int(value)
            elif version != "1.1" or value.strip(b" \t").lower() != b"chunked":
                raise RefusedError(MalformedRequestError(WRONG_CODING))
        if version == "1.1":
            if not hosts:
                raise RefusedError(MalformedRequestError(WRONG_HOST))
        elif version != "1.0":
            raise RefusedError(MalformedRequestError(WRONG_VERSION))
        else:
            self.expect_100_continue = False  # RFC 9110, section 10.1.1

    def on_chunk_header(self) -> None:
        self.framing = max(self.framing - CHUNK_FRAMING, 0)

    def on_body(self, body: bytes) -> None:
        """Bytes received after the response was sent are discarded and count as framing."""
        if not self.cycle.response_complete:
            self.framing -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self.parser.should_upgrade():
            return
        self.phase = Phase.WHOLE
        self.seconds = 0
        self.framing = self.fed
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Like uvicorn's, without its timer for idle connections, which `on_tick` replaces."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.seconds = 0
        running, self.running = self.running, None
        if running and running is self.last:
            self.refusal = HeadTooLargeError()  # the rest of the body is read as no request
            self._finish()
        elif self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
            if self.unparsed and not self.pipeline:  # may be the rest of the request just started
                self._parse()
        elif self.refusal:
            self._send_refusal(self.refusal)
        self.flow.resume_reading()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if cycle.scope["http_version"] == "1.0":
            app = _without_chunks(app, cycle)
        elif self.length > MAX_HEAD and cycle is self.cycle:
            app = self._ending(app, cycle)
        self.running = cycle
        super()._start_asgi_task(cycle, app)

    def _ending(self, app: ASGIApp, cycle: RequestResponseCycle) -> ASGIApp:
        """For a long body: a response before its end says that it is the last (RFC 9112, 9.6).

        Clients would send their next request on a connection that ends as more of the body comes.
        """

        async def run(scope: Scope, receive: Receive, send: Send) -> None:
            async def send_last(message: ASGIMessage) -> None:
                if message["type"] == "http.response.start" and cycle.more_body:
                    headers = [*message["headers"], (b"connection", b"close")]
                    await send({**message, "headers": headers})
                    self.last, cycle.keep_alive = cycle, True  # uvicorn would not read any further
                else:
                    await send(message)

            await app(scope, receive, send_last)

        return run

    def _unconfirmed(self) -> int:
        return 0 if self.transport.is_closing() else unconfirmed(self.transport)

    @property
    def is_busy(self) -> bool:
        """Whether a response is in progress."""
        return self.cycle is not None and not self.cycle.response_complete

    @property
    def is_proven(self) -> bool:
        """Whether it has sent a complete head before."""
        return self.cycle is not None

    def on_tick(self) -> None:
        """Called once a second: close the connection if the client is too slow."""
        if self.stall.is_over(self.transport):
            self.transport.abort()
        elif self.flow.read_paused or (self.is_busy and self.phase in (Phase.HEAD, Phase.WHOLE)):
            self.seconds = 0  # the client is waiting for the service
        else:
            self.seconds += 1
            if self.seconds > PATIENCE.get(self.phase, self.timeout_keep_alive):
                self.transport.abort()

    def _refuse(self, error: ApiError) -> None:
        """Stop parsing and send the problem, after the responses to earlier requests."""
        self.refusal = error
        cycle = self.cycle
        if self.phase is not Phase.BODY:
            if not self.is_busy:
                self._send_refusal(error)
        elif cycle.response_complete:
            self._finish()
        elif self.pipeline and self.pipeline[0][0] is cycle:
            self.pipeline.popleft()  # not started yet
        else:
            cycle.disconnected = True  # its body will never be complete
            cycle.message_event.set()
            if cycle.response_started:
                self._finish()
            else:
                self._send_refusal(error)

    def _send_refusal(self, error: ApiError) -> None:
        state = getattr(self.app, "state", None)
        prefix = getattr(state, "prefix", "")  # of the settings: a forwarded one could not be read
        self.transport.write(_refusal(error, self.server_state.default_headers, prefix))
        getattr(state, "metrics", Metrics()).count(REFUSED, str(error.status.value))
        self._finish()

    def _finish(self) -> None:
        """Stop sending, but keep reading for a moment.

        Closing with unread bytes resets the connection, and the client may lose the response
        (RFC 9112, section 9.6).
        """
        self.phase = Phase.CLOSING
        self.seconds = 0
        self.flow.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        else:
            self.transport.close()


def _slice_end(data: bytes, start: int, heads: int) -> int:
    """The end of the next slice, chosen so that at most `heads` heads end within it.

    One more may end in it if all but its last bytes were received before.
    """
    end = start
    for _ in range(heads):
        found = data.find(HEAD_END, end, start + SLICE)
        if found < 0:
            return min(start + SLICE, len(data))
        end = found + len(HEAD_END)
    return end


def _origin_form(target: bytes) -> bytes:
    """The path and query of `http://host/path?query` (RFC 9112, section 3.2.2)."""
    absolute = ABSOLUTE_FORM.fullmatch(target)
    if not absolute or not HOST.fullmatch(absolute[1]):
        raise RefusedError(MalformedRequestError(NOT_HTTP))
    return absolute[2] if absolute[2].startswith(b"/") else b"/" + absolute[2]


def _without_chunks(app: ASGIApp, cycle: RequestResponseCycle) -> ASGIApp:
    """For HTTP/1.0: a body without a length ends with the connection (RFC 9112, section 6.3)."""

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        has_length = True

        async def send_unframed(message: ASGIMessage) -> None:
            nonlocal has_length
            if message["type"] == "http.response.start":
                has_length = any(
                    name.lower() == b"content-length" for name, _ in message["headers"]
                )
                if not has_length:
                    cycle.chunked_encoding = False
            elif not has_length:
                cycle.expected_content_length = len(message.get("body", b""))
            await send(message)

        await app(scope, receive, send_unframed)

    return run


def _refusal(error: ApiError, server_headers: list[tuple[bytes, bytes]], prefix: str) -> bytes:
    """The bytes of a response with a problem document in both languages."""
    problem: dict[str, Any] = {
        "type": f"{prefix}{PROBLEMS_PATH}/{error.slug}",
        "title": error.title.zh,
        "status": error.status.value,
        "detail": f"{error.detail.zh} {error.detail.en}",
        "instance": "",
        "request_id": (request_id := new_request_id()),
        "errors": [],
    }
    body = json.dumps(problem, ensure_ascii=False).encode()
    headers = [
        *server_headers,
        (b"content-type", b"application/problem+json"),
        (b"content-length", b"%d" % len(body)),
        (b"content-language", b"zh-Hans"),
        (b"cache-control", b"no-store"),
        (b"vary", b"Accept-Language"),
        (b"x-request-id", request_id.encode()),
        *((name.lower().encode(), value.encode()) for name, value in error.headers.items()),
        *OF_ALL,
        (b"connection", b"close"),
    ]
    status = HTTPStatus(error.status)
    lines = b"".join(b"%b: %b\r\n" % header for header in headers)
    return b"HTTP/1.1 %d %b\r\n%b\r\n%b" % (status, status.phrase.encode(), lines, body)
