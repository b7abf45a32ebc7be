"""Readers beside a fault: what they got, and how long they waited."""

import http.client
import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.support.serving import request

PAUSE = 0.02  # seconds between the reads of a thread


class Readers:
    """Threads that read lists, each in a form that is not cached."""

    def __init__(self, ports: Sequence[int], path: str = "/v1/tasks?q={}&limit=2") -> None:
        self.ports, self.path = ports, path
        self.numbers = itertools.count()
        self.lock = threading.Lock()
        self.seen: Counter[int] = Counter()  # by status; 0 if there was none
        self.slowest = 0.0

    def read(self) -> int:
        """One read; its status."""
        nth, began = next(self.numbers), time.monotonic()
        try:
            path = self.path.format(nth)
            status = request(self.ports[nth % len(self.ports)], "GET", path)[0]
        except (OSError, http.client.HTTPException):
            status = 0
        with self.lock:
            self.seen[status] += 1
            self.slowest = max(self.slowest, time.monotonic() - began)
        return status

    @contextmanager
    def reading(self, number: int) -> Iterator["Readers"]:
        """So many threads at once."""
        ended = threading.Event()

        def read_on() -> None:
            while not ended.wait(PAUSE):
                self.read()

        threads = [threading.Thread(target=read_on, daemon=True) for _ in range(number)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            ended.set()
            for thread in threads:
                thread.join()
