"""Receivers of webhooks on this machine, and what the service has delivered to them."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support.practice import (
    TASK,
    WEBHOOKS,
    Service,
)

MILESTONES = f"/v1/tasks/{TASK}/milestones"


PUBLIC_URL = "https://plans.example.gov.cn"


LONGEST = 10.0  # seconds until something that should come must be there


# While the clock stands still, each write is a microsecond later than the one before.
WRITING = timedelta(milliseconds=1)


@dataclass
class Receiver:
    """Somebody who is told; `answers` are given in turn, then 204."""

    url: str
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    free: threading.Event = field(default_factory=threading.Event)  # held up while it is not set

    @property
    def events(self) -> list[str]:
        return [f"{body['type']} {body['data']['id']}" for body in self.bodies]

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(body) for _, body in self.got]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            told.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
            status, answer = told.answers.pop(0) if told.answers else (204, b"")
            told.free.wait()
            self.send_response(status)
            self.send_header("location", f"{told.url}/elsewhere")
            if status != 204:
                self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told = Receiver(f"http://127.0.0.1:{server.server_port}")
    told.free.set()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))  # seconds until it ends
    thread.start()
    try:
        yield told
    finally:
        told.free.set()
        server.shutdown()
        server.server_close()
        thread.join()


def until(holds: Callable[[], Any], seconds: float = LONGEST) -> None:
    """Wait until something is so."""
    end, pause = time.monotonic() + seconds, 0.01
    while not holds():
        assert time.monotonic() < end, "it did not come"
        time.sleep(pause)
        pause = min(1.5 * pause, 0.1)  # to look is work that what is awaited waits for


def deliveries(service: Service, query: str = "", id_: str = "webhook-1") -> list[dict[str, Any]]:
    answer = service.private(f"{WEBHOOKS}/{id_}/deliveries{query}")
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["data"]
    return rows


def settled(service: Service) -> bool:
    return all(one["state"] != "pending" for one in deliveries(service))


def failing(service: Service, attempts: int) -> Callable[[], bool]:
    """That the newest delivery has been tried so often, and that is stored."""

    def holds() -> bool:
        newest = deliveries(service)[0]
        return newest["attempts"] == attempts and bool(newest["last_error"])

    return holds
