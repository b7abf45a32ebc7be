"""The service as a process, as it runs for real."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.support import ROOT


@contextmanager
def serving(database_url: str, *options: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """A server of its own; its port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "serve", "--port", str(port), *options],
        cwd=ROOT,
        env={**os.environ, "WORKPLAN_DATABASE_URL": database_url},
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
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
        process.wait()


def get(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
