"""Writers beside a fault, and what must hold of their writes after it."""

import http.client
import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from app.writing.audit_verification import faults
from tests.support.practice import REPORTS, Service, a_report
from tests.support.serving import request

FIRST_DAY = date(2022, 6, 30)
PAUSE = 0.05  # seconds after a write that failed


def practice(url: str) -> Service:
    """The service in this process, with the time of the others."""
    service = Service(url)
    service.now = datetime.now(UTC)
    return service


def identity(report: dict[str, Any]) -> str:
    """Its day, too: the id of a report that was lost is given to the next one."""
    return f"{report['id']} of {report['as_of']}"


class Acknowledged(NamedTuple):
    """A write that was."""

    sent: float  # on the monotonic clock
    id: str  # its `identity`
    at: float  # on the clock of the machine


class Writers:
    """Threads that report, each day once."""

    def __init__(self, ports: Sequence[int], key: str, days: Iterator[int]) -> None:
        self.ports, self.key, self.days = ports, key, days
        self.lock = threading.Lock()
        self.acknowledged: list[Acknowledged] = []
        self.seen: Counter[int] = Counter()  # by status; 0 if the connection was cut
        self.slowest = 0.0
        self.ended = threading.Event()

    def write(self) -> int:
        """One report; its status."""
        with self.lock:
            nth = next(self.days)
        day = (FIRST_DAY - timedelta(days=nth)).isoformat()
        began, status = time.monotonic(), 0
        try:
            status, body = request(
                self.ports[nth % len(self.ports)], "POST", REPORTS, a_report(as_of=day),
                Authorization=f"Bearer {self.key}", Idempotency_Key=day,
            )  # fmt: skip
        except (OSError, http.client.HTTPException):
            body = b""
        ended = time.time()
        with self.lock:
            self.seen[status] += 1
            self.slowest = max(self.slowest, time.monotonic() - began)
            if status == 201:
                self.acknowledged.append(Acknowledged(began, identity(json.loads(body)), ended))
        return status

    def _write_on(self) -> None:
        while not self.ended.is_set():
            if self.write() != 201:
                time.sleep(PAUSE)

    @property
    def ids(self) -> list[str]:
        """What was acknowledged."""
        with self.lock:
            return [one.id for one in self.acknowledged]

    def sent_after(self, moment: float) -> list[str]:
        """What was acknowledged of the writes that were sent since."""
        with self.lock:
            return [one.id for one in self.acknowledged if one.sent > moment]

    def acknowledged_by(self, moment: float) -> list[str]:
        """What was acknowledged by that time of the machine's clock."""
        with self.lock:
            return [one.id for one in self.acknowledged if one.at <= moment]

    @contextmanager
    def writing(self, number: int) -> Iterator["Writers"]:
        """So many threads at once; they end with their last write."""
        threads = [threading.Thread(target=self._write_on, daemon=True) for _ in range(number)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self.ended.set()
            for thread in threads:
                thread.join()


def days() -> Iterator[int]:
    """A number for each report on a database."""
    return itertools.count()


def assert_whole(url: str, acknowledged: Sequence[str]) -> int:
    """All that was acknowledged is there and nothing is half done; how many reports there are."""
    service = practice(url)
    with service.client:
        reports = list(service.rows("/v1/reports?limit=1000"))
        changes = list(service.rows("/v1/changes?limit=1000&after=0"))
    lost = set(acknowledged) - {identity(report) for report in reports}
    assert not lost, f"{len(lost)} of {len(acknowledged)} acknowledged writes are lost"
    with service.session() as session:
        found = list(faults(session, {}))  # each fact has its line, and each line its fact
    assert not found, found[:3]
    numbers = [change["seq"] for change in changes]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), "gaps in the feed"
    stored = {report["id"] for report in reports}
    fed = {change["id"] for change in changes if change["resource"] == "report"}
    assert fed == stored, f"{len(fed ^ stored)} reports are not as in the feed"
    return len(stored)
