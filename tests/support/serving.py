"""The service as a process, as it runs for real."""

import http.client
import multiprocessing
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.context import ForkServerProcess

import pytest

# A server takes 2 s to import the service: it is forked from a process that has done so.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["app.main", "app.middleware.protocol", "uvloop"])


def serve(
    database_url: str, environment: dict[str, str], options: Sequence[str], files: int | None
) -> None:
    """What `python -m app serve` does, in a process group that ends with who started it."""
    from app.__main__ import main

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
    database_url: str, *options: str, files: int | None = None
) -> Iterator[tuple[int, ForkServerProcess]]:
    """A server of its own, which may have so many files open; its port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    process = CONTEXT.Process(
        target=serve,
        args=(database_url, dict(os.environ), ("--port", str(port), *options), files),
    )
    process.start()
    assert process.pid
    try:
        for _ in range(300):
            try:
                status = get(port, "/readyz")[0]
            except OSError:
                status = 0
            if status == 200:
                break
            time.sleep(0.1)
        else:
            pytest.fail("the server did not get ready")
        yield port, process
    finally:
        with suppress(ProcessLookupError):  # workers outlive who started them
            os.killpg(process.pid, signal.SIGKILL)
        process.join()
        process.close()


def get(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
