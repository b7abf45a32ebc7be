"""The service as processes of its own: forked, or as a program that may be sabotaged or traced."""

import http.client
import json
import multiprocessing
import os
import resource
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from tests.support import ROOT

PATIENCE = 60.0  # seconds to get ready, on a machine that does other things
# A server takes 2 s to import the service: it is forked from a process that has done so.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.support.imported"])


def serve(
    database_url: str,
    environment: dict[str, str],
    options: Sequence[str],
    files: int | None,
    spawned: bool,
) -> None:
    """What `python -m app serve` does, in a process group that ends with who started it."""
    from uvicorn import _subprocess

    if "CHAOS_SABOTAGE" in environment:
        from chaos.sabotaged import main
    else:
        from app.__main__ import main

    if not spawned:
        _subprocess.spawn = multiprocessing.get_context("fork")  # type: ignore[assignment]
    if files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    os.setsid()
    threading.Thread(target=end_with_parent, daemon=True).start()
    os.environ.clear()
    os.environ.update(environment, WORKPLAN_DATABASE_URL=database_url)
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    sys.stdin = None  # it has a number that the workers of uvicorn do not have
    sys.exit(main(["serve", *options]))


def end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent
    parent.join()
    os.killpg(0, signal.SIGKILL)


@contextmanager
def serving(
    database_url: str,
    *options: str,
    files: int | None = None,
    spawned: bool = False,
    **settings: str,
) -> Iterator[tuple[int, ForkServerProcess]]:
    """A forked server, which may have so many files open; its port.

    Its workers are forked as well, unless they are to be processes that import all themselves.
    """
    port, environment = free_port(), {**os.environ, **settings}
    process = CONTEXT.Process(
        target=serve,
        args=(database_url, environment, ("--port", str(port), *options), files, spawned),
    )
    process.start()
    assert process.pid
    try:
        until(lambda: status_of(port, "/readyz") == 200, PATIENCE, "ready")
        yield port, process
    finally:
        with suppress(ProcessLookupError):  # workers outlive who started them
            os.killpg(process.pid, signal.SIGKILL)
        process.join()
        process.close()


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
    program: str = "chaos.sabotaged",
    folder: Path = ROOT,
    **settings: str,
) -> Running:
    """The service as a program, which may not be ready yet; or that of another release, in its folder."""
    from tests.support.practice import SECRET  # not for forked ones, which would all import it

    environment = {
        **os.environ,
        "WORKPLAN_DATABASE_URL": url,
        "WORKPLAN_KEY_SECRET": SECRET,
        "WORKPLAN_WEBHOOK_DELIVERY": "false",
        "CHAOS_SABOTAGE": sabotage,
        **settings,
    }
    command = ["-m", program, "serve", "--port", str(port), "--workers", str(workers)]
    process = subprocess.Popen(
        [*prefix, sys.executable, *command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    return Running(port, process)


@contextmanager
def serving_apart(url: str, **options: Any) -> Iterator[Running]:
    """The service as a program, once it is ready; it ends with its workers."""
    running = start(url, free_port(), **options)
    try:
        until(lambda: status_of(running.port, "/readyz") == 200, PATIENCE, "ready")
        yield running
    finally:
        running.kill()


def free_port() -> int:
    """Below those of outgoing connections: a client of a server that is away may get its port."""
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


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


def get(port: int, path: str) -> tuple[int, bytes]:
    """One read."""
    return request(port, "GET", path, timeout=10)


def status_of(port: int, path: str) -> int:
    """The status of a read; 0 if nobody responds."""
    try:
        return request(port, "GET", path)[0]
    except (OSError, http.client.HTTPException):
        return 0
