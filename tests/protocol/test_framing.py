"""Bodies, versions and upgrades; what another server could read differently is refused."""

from collections.abc import Callable

import pytest

from app.middleware.protocol import MAX_PIPELINED, ProblemProtocol
from tests.protocol.messages import BEGUN, CHUNKED, GET, is_refusal
from tests.support.echo import EchoServer
from tests.support.raw_connection import RawConnection, connected


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
