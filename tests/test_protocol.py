"""The server below the application: heads, framing, versions, and who is waited for how long."""

import itertools
from collections.abc import Callable, Iterator

import pytest

from app.middleware.connections import MAX_STALL, Phase
from app.middleware.protocol import (
    MAX_HEAD,
    MAX_HEADERS,
    MAX_PIPELINED,
    PATIENCE,
    SLICE,
    ProblemProtocol,
)
from tests.support.echo import EchoServer, echoing
from tests.support.raw_connection import RawConnection, Received, connected

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
BEGUN = b"GET / HTTP/1.1\r\nHost: x\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def server() -> Iterator[EchoServer]:
    with echoing() as running:
        yield running


@pytest.fixture
def line(server: EchoServer) -> Iterator[RawConnection]:
    with connected(server.port) as connection:
        yield connection


def is_refusal(response: Received, status: int, slug: str) -> bool:
    """Whether it is a problem document after which the connection ends."""
    problem = response.json()
    return (
        (response.status, problem["status"], problem["type"])
        == (status, status, f"/problems/{slug}")
        and response.headers["content-type"] == "application/problem+json"
        and response.headers["connection"] == "close"
        and response.headers["x-request-id"] == problem["request_id"]
        and "date" in response.headers
    )


def send_all(line: RawConnection, packets: Iterator[bytes]) -> int:
    """Send until the server ends the connection; how many bytes were sent."""
    sent = 0
    try:
        for packet in packets:
            line.socket.sendall(packet)
            sent += len(packet)
            if not line.is_open():
                break
    except OSError:
        pass
    return sent


@pytest.mark.parametrize(
    "head",
    [
        BEGUN + b"X: a\r\n" * (MAX_HEADERS - 1) + b"\r\n",
        BEGUN + b"X: " + b"a" * (MAX_HEAD - 100) + b"\r\n\r\n",
        b"GET /" + b"a" * (MAX_HEAD - 100) + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["100 headers", "a long value", "a long path"],
)
@pytest.mark.parametrize("size", [100, SLICE + 1, 1 << 20])
def test_a_head_up_to_the_limits_is_read(line: RawConnection, head: bytes, size: int) -> None:
    for start in range(0, len(head), size):
        line.socket.sendall(head[start : start + size])
    assert line.receive().status == 200
    line.send(GET)  # and the next on the same connection
    assert line.receive().status == 200


@pytest.mark.parametrize(
    "head",
    [
        BEGUN + b"X: a\r\n" * MAX_HEADERS + b"\r\n",
        BEGUN + b"X: " + b"a" * MAX_HEAD + b"\r\n\r\n",
        BEGUN + b"a" * MAX_HEAD + b": X\r\n\r\n",
        BEGUN + b"X: " + b"a" * 30_000 + b"\r\nY: " + b"a" * 40_000 + b"\r\n\r\n",
        b"GET /" + b"a" * MAX_HEAD + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["101 headers", "a long value", "a long name", "two long values", "a long path"],
)
@pytest.mark.parametrize("before", [b"", GET])
@pytest.mark.parametrize("size", [100, 1 << 20])
def test_a_head_beyond_them_is_431(
    line: RawConnection, head: bytes, before: bytes, size: int
) -> None:
    """Also after another request, whose response comes first."""
    if size == 100:
        line.send(before + head[:100], head[100:])
    else:
        line.send(before + head)
    if before:
        assert line.receive().status == 200
    assert is_refusal(line.receive(), 431, "head-too-large")
    assert line.is_ended()


@pytest.mark.parametrize(
    ("begin", "more"),
    [
        (BEGUN, b"X: a\r\n"),
        (BEGUN + b"X: ", b"a"),
        (BEGUN + b"X:", b" "),
        (BEGUN, b"a"),
        (b"GET /", b"a"),
        (b"", b"\r\n"),
        (GET, b"\r\n"),
        (CHUNKED + b"1;", b"a"),
        (CHUNKED, b"0"),
        (CHUNKED + b"0\r\n", b"X: a\r\n"),
        (CHUNKED + b"0\r\nX: ", b"a"),
        (CHUNKED, b"1;" + b"a" * 50_000 + b"\r\nx\r\n"),
        (b"POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n", b"a"),
    ],
    ids=[
        "headers", "a value", "spaces", "a name", "a request line", "empty lines",
        "empty lines after a request", "a chunk extension", "a chunk size", "trailers",
        "a trailer", "chunk extensions", "a body that nobody reads",
    ],
)  # fmt: skip
def test_what_never_ends_is_ended(server: EchoServer, begin: bytes, more: bytes) -> None:
    """However much a client sends, the server has a small part of it and hangs up."""
    with connected(server.port) as line:
        line.socket.sendall(begin)
        part = more * (4096 // len(more) + 1)
        sent = send_all(line, itertools.repeat(part, 100_000_000 // len(part)))
        assert sent < 20_000_000
    server.wait_until(lambda: not server.connections.open)
    with connected(server.port) as other:
        other.send(GET)
        assert other.receive().status == 200


@pytest.mark.parametrize("length", [1, 10, 1000])
def test_a_body_in_many_chunks_is_read(line: RawConnection, length: int) -> None:
    body = b"".join(b"%x\r\n%b\r\n" % (length, b"a" * length) for _ in range(60_000 // length))
    line.send(CHUNKED + body + b"0\r\nX-Trailer: a\r\nHost: other\r\n\r\n" + GET)
    said = line.receive().json()
    assert len(said["body"]) == 60_000 // length * length
    assert said["headers"] == [["host", "x"], ["transfer-encoding", "chunked"]]
    assert line.receive().json()["method"] == "GET"


SEGMENTS: dict[str, Callable[[bytes, bytes], list[bytes]]] = {
    "whole": lambda head, body: [head + body],
    "head, body": lambda head, body: [head, body],
    "in two halves": lambda head, body: [head[:40], head[40:] + body],
    "in the middle of a name": lambda head, body: [
        head[: head.index(b"rade: ")],
        head[head.index(b"rade: ") : -3],
        head[-3:] + body[:3],
        body[3:],
    ],
    "byte by byte": lambda head, body: [bytes([one]) for one in head + body],
}
PIPELINES = {
    "alone": (0, 0),
    "first of two": (0, 1),
    "second of two": (1, 0),
    "between two": (1, 1),
    "after many": (5, 0),
}


@pytest.mark.parametrize("segments", SEGMENTS)
@pytest.mark.parametrize("pipeline", PIPELINES)
@pytest.mark.parametrize("protocol", [b"h2c", b"websocket", b"TLS/1.3, foo"])
@pytest.mark.parametrize("chunked", [False, True])
def test_who_asks_for_another_protocol_is_answered_in_this_one(
    server: EchoServer,
    segments: str,
    pipeline: str,
    protocol: bytes,
    chunked: bool,
) -> None:
    """As Java's client does, whatever way its request comes; no byte of the body is lost."""
    framing = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: 8"
    head = (
        b"POST /a?b HTTP/1.1\r\nHost: x\r\n" + framing + b"\r\nConnection: Upgrade, HTTP2-Settings"
        b"\r\nUpgrade: " + protocol + b"\r\nHTTP2-Settings: AAEAAEAA\r\n\r\n"
    )
    body = b'8\r\n{"a": 1}\r\n0\r\n\r\n' if chunked else b'{"a": 1}'
    before, after = PIPELINES[pipeline]
    packets = SEGMENTS[segments](head, body)
    packets[0] = GET * before + packets[0]
    packets[-1] += GET * after
    with connected(server.port) as line:
        line.socket.setsockopt(6, 1, 1)  # TCP_NODELAY
        if len(packets) > 10:
            for packet in packets:
                line.socket.sendall(packet)
        else:
            line.send(*packets)
        said = [line.receive().json() for _ in range(before + 1 + after)]
    assert [one["method"] for one in said] == ["GET"] * before + ["POST"] + ["GET"] * after
    assert (said[before]["body"], said[before]["path"], said[before]["query"]) == (
        '{"a": 1}', "/a", "b",
    )  # fmt: skip
    assert ["upgrade", protocol.decode()] not in said[before]["headers"]


def numbered(number: int) -> bytes:
    """One of many requests; every third has a body, every ninth asks for an upgrade, too."""
    path = b"/%d" % number
    if number % 9 == 0:
        return b"POST " + path + b" HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n" + (
            b"Content-Length: 8\r\n\r\n\r\n\r\n\r\n\r\n"
        )  # fmt: skip
    if number % 3 == 0:
        return CHUNKED.replace(b"/ ", path + b" ") + b"4\r\n\r\n\r\n\r\n0\r\n\r\n"
    return GET.replace(b"/ ", path + b" ")


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many requests waited for their turn, after each head that was parsed."""
    counts: list[int] = []
    parsed = ProblemProtocol.on_headers_complete

    def counted(connection: ProblemProtocol) -> None:
        parsed(connection)
        counts.append(len(connection.pipeline))

    monkeypatch.setattr(ProblemProtocol, "on_headers_complete", counted)
    return counts


@pytest.mark.parametrize("size", [1, 7, 1000, SLICE, 1 << 20])
@pytest.mark.parametrize("many", [1, MAX_PIPELINED, MAX_PIPELINED + 1, 500])
def test_pipelined_requests_are_parsed_as_their_turn_comes(
    server: EchoServer, waiting: list[int], size: int, many: int
) -> None:
    """While the first is under way a few wait and the rest are bytes; each has its response."""
    server.app.release.clear()
    sent = GET.replace(b"/ ", b"/held ") + b"".join(map(numbered, range(many)))
    with connected(server.port) as line:
        line.socket.setsockopt(6, 1, 1)  # TCP_NODELAY
        for start in range(0, len(sent), size):
            line.socket.sendall(sent[start : start + size])
        server.wait_until(lambda: any(waiting))
        server.call(server.app.release.set)
        assert line.receive().json()["path"] == "/held"
        for number in range(many):
            said = line.receive().json()
            assert said["path"] == f"/{number}"
            assert said["body"] == ("" if number % 3 else "\r\n" * (2 if number % 9 else 4))
        line.send(GET)
        assert line.receive().json()["path"] == "/"
    assert max(waiting) <= MAX_PIPELINED + 1


def test_what_is_sent_while_many_wait_stays_unread(server: EchoServer, waiting: list[int]) -> None:
    """Also where the application asks for more of a body, as it does at the first request."""
    server.app.release.clear()
    with connected(server.port) as line:
        line.send(GET.replace(b"/ ", b"/held "))
        server.wait_until(lambda: server.app.running == 1)
        (connection,) = server.connections.open
        assert isinstance(connection, ProblemProtocol)
        for _ in range(5):
            line.send(GET * 9_500)
            server.wait_until(lambda: connection.flow.read_paused)
            server.call(connection.cycle.message_event.set)
            server.call(connection.flow.resume_reading)
        assert max(waiting) <= MAX_PIPELINED + 1
        assert len(waiting) <= MAX_PIPELINED + 2
        assert len(connection.unparsed) <= 1 << 18
        server.call(server.app.release.set)
        for _ in range(5 * 9_500 + 1):
            assert line.receive().status == 200
    assert max(waiting) <= MAX_PIPELINED + 1


@pytest.mark.parametrize("after", [b"", GET * 2, GET * 9_500])
def test_who_vanishes_ends_what_is_under_way_before_other_requests(
    server: EchoServer, after: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told, and not surprised by an error as it goes on to write."""
    with connected(server.port) as line:
        line.send(GET.replace(b"/ ", b"/large ") + after)
        server.wait_until(lambda: server.app.running == 1)
    server.wait_until(lambda: not server.app.running)
    server.wait_until(lambda: not server.connections.open)
    assert not caplog.records


@pytest.mark.parametrize("many", [1, MAX_PIPELINED, MAX_PIPELINED + 1, 500])
def test_what_is_malformed_after_many_requests_is_refused_after_their_responses(
    line: RawConnection, many: int
) -> None:
    line.send(GET * many + b"XYZ / HTTP/1.1\r\nHost: x\r\n\r\n" + GET * 100)
    for _ in range(many):
        assert line.receive().status == 200
    assert is_refusal(line.receive(), 400, "malformed-request")
    assert line.is_ended()


def test_blank_lines_in_a_body_do_not_take_a_slice_each(
    line: RawConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    fed: list[int] = []
    feed = ProblemProtocol._feed

    def counted(connection: ProblemProtocol, data: bytes) -> None:
        fed.append(len(data))
        feed(connection, data)

    monkeypatch.setattr(ProblemProtocol, "_feed", counted)
    line.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 65536\r\n\r\n" + b"\r\n" * (1 << 15))
    assert line.receive().json()["body"] == "\r\n" * (1 << 15)
    assert len(fed) <= 1 + (1 << 14) // MAX_PIPELINED + 10


MALFORMED = {
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
    "two hosts, HTTP/1.0": b"GET / HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n",
    "a length and chunks": CHUNKED[:-2] + b"Content-Length: 5\r\n\r\n0\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
    "a list of lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0, 0\r\n\r\n",
    "a signed length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +0\r\n\r\n",
    "a folded line": BEGUN + b"X: a\r\n b\r\n\r\n",
    "a bare CR": BEGUN + b"X: a\rb\r\n\r\n",
    "a bare LF": BEGUN + b"X: a\nY: b\r\n\r\n",
    "NUL": BEGUN + b"X: a\0b\r\n\r\n",
    "a space before the colon": BEGUN + b"X : a\r\n\r\n",
    "a length, a space before its colon": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length : 0\r\n\r\n",
    "an empty name": BEGUN + b": a\r\n\r\n",
    "a line without a colon": BEGUN + b"X\r\n\r\n",
    "another coding": CHUNKED.replace(b"chunked", b"gzip") + b"0\r\n\r\n",
    "another coding, and chunks": CHUNKED.replace(b"chunked", b"gzip, chunked") + b"0\r\n\r\n",
    "another coding in a line of its own": CHUNKED.replace(
        b"chunked", b"gzip\r\nTransfer-Encoding: chunked"
    )
    + b"0\r\n\r\n",
    "chunks twice": CHUNKED.replace(b"chunked", b"chunked, chunked") + b"0\r\n\r\n",
    "chunks in HTTP/1.0": CHUNKED.replace(b"/1.1", b"/1.0") + b"0\r\n\r\n",
    "a chunk size of letters": CHUNKED + b"0x0\r\n\r\n",
    "HTTP/0.9": b"GET /\r\n\r\n",
    "HTTP/1.2": GET.replace(b"1.1", b"1.2"),
    "HTTP/2.0": GET.replace(b"1.1", b"2.0"),
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "an unknown method": b"XYZ / HTTP/1.1\r\nHost: x\r\n\r\n",
    "a tunnel": b"CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n",
    "raw Chinese": "GET /公 HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
    "an absolute target without a host": b"GET http:///a HTTP/1.1\r\nHost: x\r\n\r\n",
    "an absolute target with a user": b"GET http://a@x/ HTTP/1.1\r\nHost: x\r\n\r\n",
    "an absolute target of another scheme": b"GET ftp://x/ HTTP/1.1\r\nHost: x\r\n\r\n",
    **{
        f"host {host!r}": b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n"
        for host in (b"a b", b"a/b", b"a@b", b"[::1", b"a:b", b"a:1:2", b"a%zz", b"\xe5", b"a\tb")
    },
}  # fmt: skip


@pytest.mark.parametrize("request_", MALFORMED.values(), ids=MALFORMED)
@pytest.mark.parametrize("before", [b"", GET])
def test_what_another_server_could_read_differently_is_400(
    line: RawConnection, request_: bytes, before: bytes
) -> None:
    line.send(before + request_ + GET)
    if before:
        assert line.receive().status == 200
    assert is_refusal(line.receive(), 400, "malformed-request")
    assert line.is_ended()


@pytest.mark.parametrize(
    "host", [b"x", b"x.example.gov.cn:8443", b"127.0.0.1:80", b"[::1]:80", b"[::1]", b"a_b", b"",
             b"%E5%B9%BF.example", b"x:", b"x "],
)  # fmt: skip
def test_a_host_may_be_a_name_or_an_address(line: RawConnection, host: bytes) -> None:
    line.send(b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n")
    assert line.receive().status == 200


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        (b"http://x/a/b?c", "/a/b", "c"),
        (b"HTTPS://x.example:8443/a", "/a", ""),
        (b"http://x", "/", ""),
        (b"http://x?c", "/", "c"),
        (b"http://[::1]:80/a", "/a", ""),
    ],
)
def test_a_target_may_be_absolute(
    line: RawConnection, target: bytes, path: str, query: str
) -> None:
    line.send(b"GET " + target + b" HTTP/1.1\r\nHost: y\r\n\r\n")
    said = line.receive().json()
    assert (said["path"], said["query"]) == (path, query)


@pytest.mark.parametrize("path", [b"/", b"/streamed"])
@pytest.mark.parametrize("connection", [b"", b"Connection: keep-alive\r\n"])
def test_http_1_0_gets_no_chunks_and_the_end_of_the_connection(
    line: RawConnection, path: bytes, connection: bytes
) -> None:
    line.send(b"GET " + path + b" HTTP/1.0\r\n" + connection + b"\r\n")
    response = line.receive()
    assert response.json()["http_version"] == "1.0"
    assert "transfer-encoding" not in response.headers
    assert response.headers["connection"] == "close"
    assert line.is_ended()


def test_http_1_1_gets_chunks_where_the_length_is_not_known(line: RawConnection) -> None:
    line.send(GET.replace(b"/ ", b"/streamed "))
    assert line.receive().headers["transfer-encoding"] == "chunked"


def test_a_body_that_is_malformed_is_400_and_ends_what_waits_for_it(
    server: EchoServer, line: RawConnection
) -> None:
    line.send(CHUNKED + b"1\r\na\r\n", b"x\r\n")
    assert is_refusal(line.receive(), 400, "malformed-request")
    server.wait_until(lambda: not server.app.running)


@pytest.mark.parametrize(
    "packets",
    [
        [],
        [b"G"],
        [b"GET / HT"],
        [BEGUN],
        [BEGUN, b"X: a\r\n"],
        [GET, b"GET"],
        [b"\r\n"],
    ],
    ids=["nothing", "a letter", "half a line", "half a head", "in parts", "after a request",
         "an empty line"],
)  # fmt: skip
def test_a_head_must_be_there_within_its_time(
    server: EchoServer, line: RawConnection, packets: list[bytes]
) -> None:
    line.send(*packets)
    if GET in packets:
        assert line.receive().status == 200
    server.wait_until(lambda: server.connections.open)
    line.send(b"")
    server.call(lambda: None)
    server.pass_seconds(PATIENCE[Phase.HEAD] - 1)
    assert line.is_open()
    server.pass_seconds(2)
    assert line.is_ended()


def test_bytes_now_and_then_do_not_lengthen_the_time_of_a_head(
    server: EchoServer, line: RawConnection
) -> None:
    line.send(BEGUN)
    for _ in range(PATIENCE[Phase.HEAD] + 1):
        assert line.is_open()
        line.send(b"X: a\r\n", b"")
        server.pass_seconds(1)
    assert line.is_ended()


def test_a_body_must_be_there_within_its_time(server: EchoServer, line: RawConnection) -> None:
    line.send(b"POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\na")
    assert line.receive().status == 200
    server.pass_seconds(PATIENCE[Phase.BODY] - 1)
    assert line.is_open()
    line.send(b"b")
    server.pass_seconds(2)
    assert line.is_ended()


def test_an_idle_connection_stays_open_for_75_seconds(
    server: EchoServer, line: RawConnection
) -> None:
    for _ in range(2):
        line.send(GET)
        assert line.receive().status == 200
        server.pass_seconds(74)
        assert line.is_open()
    server.pass_seconds(2)
    assert line.is_ended()


def test_who_waits_for_a_response_is_not_timed(server: EchoServer, line: RawConnection) -> None:
    """Nor who has sent half of the next request meanwhile."""
    server.app.release.clear()
    line.send(GET.replace(b"/ ", b"/held ") + b"GET / HT")
    server.wait_until(lambda: server.app.running == 1)
    server.pass_seconds(100)
    assert line.is_open()
    server.call(server.app.release.set)
    assert line.receive().status == 200
    line.send(b"TP/1.1\r\nHost: x\r\n\r\n")
    assert line.receive().status == 200


def test_who_never_reads_is_cut_off_and_the_application_told(server: EchoServer) -> None:
    with connected(server.port, receive_buffer=4096) as line:
        line.send(GET.replace(b"/ ", b"/large "))
        server.wait_until(lambda: server.app.running == 1)
        server.wait_until(server.is_held_up)
        server.pass_seconds(MAX_STALL - 1)
        assert server.app.running == 1
        server.pass_seconds(1)
        server.wait_until(lambda: not server.app.running)
    assert not server.connections.open


def test_who_reads_slowly_gets_all(server: EchoServer) -> None:
    """8 KB in a second are enough, however long it takes."""
    with connected(server.port, receive_buffer=4096) as line:
        line.send(GET.replace(b"/ ", b"/large "))
        server.wait_until(lambda: server.app.running == 1)
        server.wait_until(server.is_held_up)
        for _ in range(10 * MAX_STALL):
            assert len(line.file.read(8192)) == 8192
            server.pass_seconds(1)
        assert server.app.running == 1
    server.wait_until(lambda: not server.app.running)


def test_the_application_knows_how_much_its_client_has_taken(server: EchoServer) -> None:
    """Not counting what waits in the server, which the system takes in megabytes."""
    with connected(server.port, receive_buffer=4096) as line:
        sent_before = server.app.sent
        line.send(GET.replace(b"/ ", b"/large "))
        server.wait_until(lambda: server.app.running == 1)
        server.wait_until(server.is_held_up)

        def taken() -> int:
            return server.app.sent - sent_before - server.app.unconfirmed()

        assert taken() < 50_000
        line.file.read(1_000_000)
        server.wait_until(lambda: 900_000 < taken() < 1_100_000)
    server.wait_until(lambda: not server.app.running)
    assert server.app.unconfirmed() == 0


def test_who_vanishes_ends_what_was_done_for_him(server: EchoServer) -> None:
    with connected(server.port) as line:
        line.send(GET.replace(b"/ ", b"/large "))
        server.wait_until(lambda: server.app.running == 1)
    server.wait_until(lambda: not server.app.running)
    server.wait_until(lambda: not server.connections.open)


def test_a_full_worker_closes_those_that_owe_a_head_and_then_idle_ones(
    server: EchoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.connections, "most", 32)
    server.app.release.clear()
    lines = [RawConnection(server.port) for _ in range(32)]
    held, idle, owing = lines[:2], lines[2:4], lines[4:]
    for line in held:
        line.send(GET.replace(b"/ ", b"/held "))
    for line in idle:
        line.send(GET)
        assert line.receive().status == 200
    for line in owing:
        line.send(BEGUN)
    server.wait_until(lambda: len(server.connections.open) == 32)
    others = []
    for _ in range(100):
        others.append(RawConnection(server.port))
        others[-1].send(BEGUN)
    with connected(server.port) as honest:
        honest.send(GET)
        assert honest.receive().status == 200
        assert not any(line.is_open() for line in owing)
        assert all(line.is_open() for line in [*held, *idle])
        server.call(server.app.release.set)
        assert all(line.receive().status == 200 for line in held)
    for line in [*lines, *others]:
        line.close()
    server.wait_until(lambda: not server.connections.open)


def test_a_worker_full_of_requests_under_way_says_so(
    server: EchoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.connections, "most", 3)
    server.app.release.clear()
    lines = [RawConnection(server.port) for _ in range(3)]
    for line in lines:
        line.send(GET.replace(b"/ ", b"/held "))
    server.wait_until(lambda: server.app.running == 3)
    with connected(server.port) as other:
        other.send(GET)
        response = other.receive()
        assert is_refusal(response, 503, "unavailable")
        assert response.headers["retry-after"] == "2"
        assert other.is_ended()
    server.call(server.app.release.set)
    for line in lines:
        assert line.receive().status == 200
        line.close()
