"""The service as a process of its own, which may be sabotaged or live in another namespace."""

import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support import ROOT
from tests.support.practice import SECRET

PATIENCE = 60.0  # seconds to get ready, on a machine that does other things


def free_port() -> int:
    """Below those of outgoing connections: a client of a server that is away may get its port."""
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


@dataclass(frozen=True)
class Running:
    """A service that was started."""

    port: int
    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        """All workers at once, and their parent."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def terminate(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)


def start(
    url: str,
    port: int,
    *,
    workers: int = 1,
    sabotage: str = "",
    prefix: Sequence[str] = (),
    **settings: str,
) -> Running:
    """The service, which may not be ready yet."""
    environment = {
        **os.environ,
        "WORKPLAN_DATABASE_URL": url,
        "WORKPLAN_KEY_SECRET": SECRET,
        "WORKPLAN_WEBHOOK_DELIVERY": "false",
        "CHAOS_SABOTAGE": sabotage,
        **settings,
    }
    command = ["-m", "chaos.sabotaged", "serve", "--port", str(port), "--workers", str(workers)]
    process = subprocess.Popen(
        [*prefix, sys.executable, *command],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    return Running(port, process)


@contextmanager
def serving(url: str, **options: Any) -> Iterator[Running]:
    """A service that is ready, and ends with its workers."""
    running = start(url, free_port(), **options)
    try:
        until(lambda: status_of(running.port, "/readyz") == 200, PATIENCE, "ready")
        yield running
    finally:
        running.kill()


def until(happens: Callable[[], bool], seconds: float, what: str) -> float:
    """Wait for it; how long it took."""
    began = time.monotonic()
    while not happens():
        assert time.monotonic() - began < seconds, f"not {what} within {seconds:g} s"
        time.sleep(0.02)
    return time.monotonic() - began


def request(
    port: int, method: str, path: str, body: Any = None, timeout: float = 30, **headers: str
) -> tuple[int, bytes]:
    """One request on a connection of its own; raises OSError or HTTPException if it is cut."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    if body is not None:
        given["Content-Type"] = "application/json"
    try:
        connection.request(method, path, None if body is None else json.dumps(body), given)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def status_of(port: int, path: str) -> int:
    """The status of a read; 0 if nobody responds."""
    try:
        return request(port, "GET", path)[0]
    except (OSError, http.client.HTTPException):
        return 0


def file_of(url: str) -> Path:
    """The file of a SQLite database."""
    return Path(url.removeprefix("sqlite:///"))
