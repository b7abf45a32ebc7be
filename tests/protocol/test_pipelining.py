"""Many requests on one connection: parsed as their turn comes."""

import pytest

from app.middleware.protocol import MAX_PIPELINED, SLICE, ProblemProtocol
from tests.protocol.messages import CHUNKED, GET, is_refusal
from tests.support.echo import EchoServer
from tests.support.raw_connection import RawConnection, connected

# Ten times as long, for a test of bytes: to respond to each request is most of the work.
LONG = GET.removesuffix(b"\r\n") + b"X: %s\r\n\r\n" % (b"x" * (9 * len(GET) - len(b"X: \r\n")))


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
            line.send(LONG * 950)
            server.wait_until(lambda: connection.flow.read_paused)
            server.call(connection.cycle.message_event.set)
            server.call(connection.flow.resume_reading)
        assert max(waiting) <= MAX_PIPELINED + 1
        assert len(waiting) <= MAX_PIPELINED + 2
        assert len(connection.unparsed) <= 1 << 18
        server.call(server.app.release.set)
        for _ in range(5 * 950 + 1):
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
