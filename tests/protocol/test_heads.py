"""How long a head may be, and what never ends."""

import itertools
from collections.abc import Iterator

import pytest

from app.middleware.protocol import MAX_HEAD, MAX_HEADERS, SLICE
from tests.protocol.messages import BEGUN, CHUNKED, GET, is_refusal
from tests.support.echo import EchoServer
from tests.support.raw_connection import RawConnection, connected


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
