"""The one client for calls to others: where it may go, and that it goes nowhere else."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

import pytest

from app.resources.webhooks import outgoing
from app.resources.webhooks.outgoing import NoResponseError, Outgoing, Reply, is_allowed

NAME = "receiver.example"


def at(*addresses: str) -> outgoing.Resolve:
    """A name server that gives these addresses for every name."""

    async def resolve(host: str, port: int) -> Collection[str]:
        return addresses

    return resolve


@contextmanager
def listening(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port at which one caller is talked to."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                talk(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def posted(client: Outgoing, url: str) -> Reply:
    async def post() -> Reply:
        try:
            return await client.post(url, b"{}", {"content-type": "application/json"})
        finally:
            await client.close()

    return asyncio.run(post())


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "240.0.0.1",
        "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "2001:db8::1",
        "::ffff:10.0.0.1", "::ffff:127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a00:1",
        "fec0::1", "::127.0.0.1", "::10.0.0.5", "64:ff9b:1::a00:5", "::ffff:0:10.0.0.5", "::2",
        "100:0:0:1::1", "5f00::1", "3fff::1", "4000::1", "2001:0:4136:e378:8000:63bf:80ff:fffe",
    ],
)  # fmt: skip
def test_what_is_not_global_is_not_called_by_whatever_name(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def called(*_: object) -> Reply:
        return Reply(200, b"")

    monkeypatch.setattr(Outgoing, "_post_to", called)
    for addresses in ((address,), ("8.8.8.8", address)):  # one of several is enough
        with pytest.raises(NoResponseError, match="not global"):
            posted(Outgoing(resolve=at(*addresses)), f"https://{NAME}/")
    literal = f"[{address}]" if ":" in address else address
    if "%" not in address:
        assert not is_allowed(f"https://{literal}/", ())
        assert is_allowed(f"http://{literal}/", {address})


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "2002:808:808::"])
def test_global_addresses_are_allowed(address: str) -> None:
    literal = f"[{address}]" if ":" in address else address
    assert is_allowed(f"https://{literal}/", ())
    assert not is_allowed(f"http://{literal}/", ())


def test_http_goes_only_to_hosts_that_the_operator_has_named() -> None:
    with pytest.raises(NoResponseError, match="http is allowed only"):
        posted(Outgoing(resolve=at("8.8.8.8")), f"http://{NAME}/")


def test_it_connects_to_the_address_that_was_looked_at_and_asks_for_the_name() -> None:
    asked = []
    heard = []

    async def resolve(host: str, port: int) -> Collection[str]:
        asked.append((host, port))
        return ["127.0.0.1"]

    def answer(connection: socket.socket) -> None:
        heard.append(connection.recv(10_000))
        connection.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok")

    with listening(answer) as port:
        client = Outgoing({NAME}, resolve)
        assert posted(client, f"http://{NAME}:{port}/hook?key=1") == Reply(202, b"ok")
    assert asked == [(NAME, port)]  # once, and never again
    assert heard[0].startswith(b"POST /hook?key=1 HTTP/1.1\r\n")
    assert f"Host: {NAME}:{port}\r\n".encode() in heard[0]


def test_over_tls_it_asks_for_the_name_and_says_nothing_before_that_is_proven() -> None:
    heard = []
    with (
        listening(lambda connection: heard.append(connection.recv(10_000))) as port,
        pytest.raises(NoResponseError, match="the request failed"),
    ):
        posted(Outgoing({NAME}, at("127.0.0.1")), f"https://{NAME}:{port}/")
    assert NAME.encode() in heard[0]  # the server name of the TLS hello
    assert b"POST" not in heard[0]


def test_at_most_64_kb_of_an_endless_response_are_read() -> None:
    def answer(connection: socket.socket) -> None:
        connection.recv(10_000)
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            while True:
                connection.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")
        except OSError:
            pass

    with listening(answer) as port:
        reply = posted(Outgoing({NAME}, at("127.0.0.1")), f"http://{NAME}:{port}/")
    assert (reply.status, len(reply.body)) == (200, outgoing.MAX_RESPONSE)


@pytest.mark.parametrize(
    "said", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", b"hello\r\n"]
)
def test_a_malformed_response_is_an_error(said: bytes) -> None:
    def answer(connection: socket.socket) -> None:
        connection.recv(10_000)
        connection.sendall(said)

    with listening(answer) as port, pytest.raises(NoResponseError, match="the request failed"):
        posted(Outgoing({NAME}, at("127.0.0.1")), f"http://{NAME}:{port}/")


def test_nobody_is_waited_for_longer_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "TIMEOUT", 0.3)

    def trickle(connection: socket.socket) -> None:
        try:
            for byte in b"HTTP/1.1 200 OK\r\n" + b"x-header: y\r\n" * 100:
                connection.sendall(bytes([byte]))
                time.sleep(0.05)
        except OSError:
            pass

    with listening(trickle) as port:
        began = time.monotonic()
        with pytest.raises(NoResponseError, match="no response within"):
            posted(Outgoing({NAME}, at("127.0.0.1")), f"http://{NAME}:{port}/")
        assert time.monotonic() - began < 3


def test_a_name_without_an_address_is_said_to_have_none() -> None:
    async def resolve(host: str, port: int) -> Collection[str]:
        raise socket.gaierror("no such name")

    for client in (Outgoing(resolve=resolve), Outgoing(resolve=at())):
        with pytest.raises(NoResponseError, match="no address"):
            posted(client, f"https://{NAME}/")


def test_the_environment_sends_no_call_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")

    def answer(connection: socket.socket) -> None:
        connection.recv(10_000)
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with listening(answer) as port:
        client = Outgoing({NAME}, at("127.0.0.1"))
        assert posted(client, f"http://{NAME}:{port}/").status == 204


def test_cookies_of_one_receiver_do_not_go_to_another_nor_back() -> None:
    heard = []

    def answer(connection: socket.socket) -> None:
        heard.append(connection.recv(10_000))
        connection.sendall(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n")

    async def post_twice(port: int, other: int) -> None:
        client = Outgoing({NAME, "other.example"}, at("127.0.0.1"))
        await client.post(f"http://{NAME}:{port}/", b"{}", {})
        await client.post(f"http://other.example:{other}/", b"{}", {})
        await client.close()

    with listening(answer) as port, listening(answer) as other:
        asyncio.run(post_twice(port, other))
    assert len(heard) == 2
    assert not [one for one in heard if b"cookie" in one.lower()]


def test_a_name_server_that_hangs_is_asked_once_at_a_time_for_a_host() -> None:
    asked = []

    async def hanging(host: str, port: int) -> Collection[str]:
        asked.append(host)
        await asyncio.sleep(10)
        return ["127.0.0.1"]

    async def post_many(client: Outgoing) -> None:
        calls = [client.post(f"https://{NAME}/{n}", b"{}", {}) for n in range(8)]
        done = await asyncio.gather(*calls, return_exceptions=True)
        assert all(isinstance(one, NoResponseError) for one in done)

    client = Outgoing(resolve=hanging)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outgoing, "TIMEOUT", 0.2)
        asyncio.run(post_many(client))
    assert asked == [NAME]
