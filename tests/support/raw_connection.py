"""Bytes to a server and back, for what no HTTP client sends."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

PAUSE = 0.02  # seconds between packets, so that each arrives alone


@dataclass(frozen=True)
class Received:
    """A response as it came."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class RawConnection:
    """An open connection."""

    def __init__(self, port: int, receive_buffer: int | None = None) -> None:
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(10)
        self.socket.connect(("127.0.0.1", port))
        self.file = self.socket.makefile("rb")

    def send(self, *packets: bytes) -> None:
        """Each packet by itself."""
        for number, packet in enumerate(packets):
            if number:
                time.sleep(PAUSE)
            self.socket.sendall(packet)

    def receive(self, method: str = "GET") -> Received:
        """The next response."""
        status = int(self.file.readline().split()[1])
        headers = {}
        while line := self.file.readline().strip():
            name, _, value = line.decode("latin-1").partition(": ")
            headers[name.lower()] = value
        if method == "HEAD" or status in (204, 304):
            return Received(status, headers, b"")
        if headers.get("transfer-encoding") == "chunked":
            return Received(status, headers, b"".join(self._chunks()))
        length = headers.get("content-length")
        return Received(status, headers, self.file.read(int(length) if length else -1))

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.file.readline(), 16):
            yield self.file.read(size)
            self.file.readline()
        self.file.readline()

    def is_ended(self) -> bool:
        """Whether the server has ended the connection; waits for it."""
        try:
            return self.file.read(1) == b""
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False

    def is_open(self) -> bool:
        """Whether nothing has come, nor an end."""
        self.socket.setblocking(False)
        try:
            self.socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except ConnectionResetError:
            return False
        finally:
            self.socket.settimeout(10)
        return False

    def close(self) -> None:
        self.file.close()
        self.socket.close()


@contextmanager
def connected(port: int, receive_buffer: int | None = None) -> Iterator[RawConnection]:
    """A connection for the time of a test."""
    connection = RawConnection(port, receive_buffer)
    try:
        yield connection
    finally:
        connection.close()
