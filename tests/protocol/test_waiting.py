"""Who is waited for how long, and who is shut out when a worker is full."""

import pytest

from app.middleware.connections import MAX_STALL, Phase
from app.middleware.protocol import MAX_HEAD, PATIENCE
from tests.protocol.messages import BEGUN, GET, is_refusal
from tests.support.echo import EchoServer
from tests.support.raw_connection import RawConnection, connected


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


@pytest.mark.parametrize("length", [MAX_HEAD, MAX_HEAD + 1, 3_000_000])
def test_a_response_before_the_end_of_a_long_body_says_that_it_is_the_last(
    line: RawConnection, length: int
) -> None:
    head = b"POST /%b HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
    line.send(head % (b"read", length) + b"a" * length)
    assert "connection" not in line.receive().headers
    line.send(head % (b"unread", length))
    answer = line.receive()
    assert answer.status == 200
    is_last = answer.headers.get("connection") == "close"
    assert is_last == (length > MAX_HEAD)
    line.send(b"a" * min(length, 100_000))  # which a client has sent before it reads
    if is_last:
        assert line.is_ended()
    else:
        line.send(head % (b"read", 0))
        assert line.receive().status == 200


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
