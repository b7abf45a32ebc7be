"""One key may not take the room of all."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from httpx2 import Response

from app.writing import writer as writing
from tests.support.practice import REPORTS, TASK, Service, a_report, practising

COORDINATED = f"/v1/reports/{TASK}-r1/withdrawal"


@pytest.fixture
def service(loaded_url: str) -> Iterator[Service]:
    with practising(loaded_url) as alive:
        yield alive


def test_a_key_that_asks_for_too_much_at_once_is_told_so_and_others_get_through(
    service: Service,
) -> None:
    """The writer is held up, so that all wait; of one key only three may."""
    writer = service.app.state.writer
    writer.most_of_one_key = 3
    service.key("coordinator")
    assert service.report().status_code == 201  # which is withdrawn while others wait
    held = threading.Event()
    writer.thread.submit(held.wait)

    def report(number: int) -> Response:
        return service.post(REPORTS, a_report(as_of=f"2022-01-{number + 1:02}"))

    with ThreadPoolExecutor(11) as pool:
        reports = [pool.submit(report, number) for number in range(10)]
        until = time.monotonic() + 10
        while sum(one.done() for one in reports) < 7 and time.monotonic() < until:
            time.sleep(0.01)
        other = pool.submit(service.post, COORDINATED, {"reason": "试验"}, "coordinator")
        held.set()
        answers = [one.result() for one in reports]
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [429] * 7
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.headers["retry-after"] == "1"
    assert refused.headers["content-type"] == "application/problem+json"
    assert other.result().status_code == 201
    assert service.json(REPORTS)["page"]["total"] == 1 + 3
    assert report(20).status_code == 201  # there is room again
    assert not writer.waiting


def test_the_room_is_for_100_repeats_at_once_and_more() -> None:
    assert 100 < writing.MOST_OF_ONE_KEY < writing.MOST_WAITING / 2
