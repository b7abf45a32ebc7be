"""Deliveries of webhooks that fail are sent again, and given up in the end."""

import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.db.models import Delivery
from app.enums import DeliveryState
from app.resources.webhooks import delivering
from tests.support.practice import WEBHOOKS, Service
from tests.support.receivers import (
    MILESTONES,
    WRITING,
    Receiver,
    deliveries,
    failing,
    receiving,
    settled,
    until,
)


def test_what_fails_is_tried_again_later_under_the_same_id(
    service: Service, receiver: Receiver
) -> None:
    receiver.answers = [(500, b""), (302, b""), (204, b"")]
    service.subscribe(url=receiver.url)
    service.report()
    until(failing(service, 1))
    (row,) = deliveries(service)
    assert row["last_error"] == "HTTP 500"
    assert row["last_status"] == 500
    last, following = (datetime.fromisoformat(row[f"{one}_attempt_at"]) for one in ("last", "next"))
    assert following - last == timedelta(seconds=delivering.BACKOFF[0])
    time.sleep(0.2)
    assert len(receiver.got) == 1  # not before its time
    service.now += timedelta(seconds=delivering.BACKOFF[0]) + WRITING
    until(failing(service, 2))
    assert deliveries(service)[0]["last_error"] == "HTTP 302"  # and nobody goes where it points
    service.now += timedelta(seconds=delivering.BACKOFF[1]) + WRITING
    until(lambda: settled(service))
    assert len(receiver.got) == 3
    assert len({(headers["webhook-id"], body) for headers, body in receiver.got}) == 1
    times = [int(headers["webhook-timestamp"]) for headers, _ in receiver.got]
    assert times == sorted(set(times))  # each attempt is signed for its own time


def test_of_one_thing_it_is_told_in_order_whatever_fails(
    service: Service, receiver: Receiver
) -> None:
    service.subscribe(url=receiver.url, events=["milestone.created", "milestone.updated"])
    receiver.answers = [(503, b"")]
    first = service.post(MILESTONES, {"title": "试验一", "due_on": "2022-09-30"}).json()["id"]
    until(failing(service, 1))
    moved = {"kind": "moved", "day": "2022-10-31", "reason": "试验"}
    service.patch(f"/v1/milestones/{first}", moved, If_Match="*")
    other = service.post(MILESTONES, {"title": "试验二", "due_on": "2022-09-30"}).json()["id"]
    until(lambda: f"milestone.created {other}" in receiver.events)
    time.sleep(0.2)
    assert receiver.events == [f"milestone.created {first}", f"milestone.created {other}"]
    service.now += timedelta(seconds=5) + WRITING
    until(lambda: len(receiver.got) == 4)
    assert receiver.events[2:] == [f"milestone.created {first}", f"milestone.updated {first}"]


def test_it_is_given_up_after_three_days_and_what_came_later_goes_on(
    service: Service, receiver: Receiver
) -> None:
    service.subscribe(url=receiver.url, events=["milestone.created", "milestone.updated"])
    receiver.answers = [(500, b"")] * (len(delivering.BACKOFF) + 1)
    id_ = service.post(MILESTONES, {"title": "试验", "due_on": "2022-09-30"}).json()["id"]
    began = service.now
    for attempt, seconds in enumerate(delivering.BACKOFF, 1):
        until(failing(service, attempt))
        service.now += timedelta(seconds=seconds) + WRITING
    until(lambda: settled(service))
    assert timedelta(days=3) < service.now - began < timedelta(days=4)
    (row,) = deliveries(service, "?state=failed")
    assert (row["attempts"], row["next_attempt_at"], row["delivered_at"]) == (10, None, None)
    service.patch(f"/v1/milestones/{id_}", {"kind": "done"}, If_Match="*")
    until(lambda: receiver.events[-1] == f"milestone.updated {id_}")


def test_who_answers_410_is_told_nothing_more_until_an_administrator_says_so(
    service: Service, receiver: Receiver
) -> None:
    service.subscribe(url=receiver.url)
    receiver.answers = [(410, b"")]
    service.report(as_of="2022-01-31")
    until(lambda: service.private(f"{WEBHOOKS}/webhook-1").json()["gone_at"])
    service.report(as_of="2022-02-28")
    service.now += timedelta(minutes=10) + WRITING
    time.sleep(0.2)
    assert len(receiver.got) == 1
    again = service.patch(
        f"{WEBHOOKS}/webhook-1", {"enabled": True}, role="admin", If_Match="*"
    ).json()
    assert (again["enabled"], again["gone_at"]) == (True, None)
    service.report(as_of="2022-03-31")
    until(lambda: len(receiver.got) == 3)  # the one that was waiting, and the new one


def test_a_delivery_whose_outcomes_are_never_recorded_fails_in_the_end(
    service: Service, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise SQLAlchemyError("试验")

    monkeypatch.setattr(delivering, "_record_outcome", broken)
    service.subscribe(url=receiver.url)
    service.report()
    for attempt in range(1, len(delivering.BACKOFF) + 2):
        until(lambda attempt=attempt: len(receiver.got) == attempt)  # type: ignore[misc]
        until(lambda: not service.app.state.deliverer.in_flight)
        service.now += delivering.LEASE + WRITING
    until(lambda: deliveries(service)[0]["state"] == "failed")
    assert len(receiver.got) == len(delivering.BACKOFF) + 1


async def nothing_due() -> None:
    """In place of a poll of the outbox."""


def test_a_receiver_that_fails_everything_backs_off_and_others_are_notified(
    service: Service, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a backlog of many things, each of which is due at once."""
    with receiving() as dead:
        dead.answers = [(500, b"")] * 1000
        service.subscribe(url=dead.url, events=["milestone.created"])
        with monkeypatch.context() as for_now:
            for_now.setattr(service.app.state.deliverer, "poll", nothing_due)
            for number in range(30):
                service.post(MILESTONES, {"title": f"试验{number}", "due_on": "2022-09-30"})
        until(lambda: len(dead.got) >= delivering.MAX_CONCURRENT)
        service.subscribe(url=receiver.url)
        service.report()
        until(lambda: receiver.got)
        time.sleep(0.3)
        tried = len(dead.got)
        assert tried == delivering.MAX_CONCURRENT
        service.now += timedelta(minutes=1) + WRITING
        until(lambda: len(dead.got) > tried)


def test_what_waits_says_for_what_and_resuming_tries_at_once(
    service: Service, receiver: Receiver
) -> None:
    receiver.answers = [(500, b"")]
    service.subscribe(url=receiver.url, events=["milestone.created", "milestone.updated"])
    id_ = service.post(MILESTONES, {"title": "试验", "due_on": "2022-09-30"}).json()["id"]
    until(failing(service, 1))
    service.patch(f"/v1/milestones/{id_}", {"kind": "done"}, If_Match="*")
    later, first = deliveries(service)
    assert (later["waits_for"], later["next_attempt_at"]) == (first["id"], None)
    assert first["waits_for"] is None
    path = f"{WEBHOOKS}/webhook-1"
    service.patch(path, {"enabled": False}, role="admin", If_Match="*")
    assert {one["next_attempt_at"] for one in deliveries(service)} == {None}
    service.patch(path, {"enabled": True}, role="admin", If_Match="*")
    until(lambda: settled(service))  # though five seconds are not over
    assert receiver.events == [f"milestone.created {id_}"] * 2 + [f"milestone.updated {id_}"]


@pytest.mark.parametrize("state", [DeliveryState.DELIVERED, DeliveryState.PENDING])
def test_a_late_outcome_of_an_attempt_whose_lease_ran_out_changes_nothing(
    service: Service, receiver: Receiver, state: DeliveryState
) -> None:
    receiver.free.clear()
    service.subscribe(url=receiver.url)
    service.report()
    until(lambda: receiver.got)
    with (
        service.session() as session
    ):  # another worker has claimed it since, and may have delivered it
        row = session.scalars(select(Delivery)).one()
        row.attempts, row.state, row.next_at = 2, state, service.now + delivering.LEASE
        row.last_status = 299
    receiver.answers = [(500, b"")]
    receiver.free.set()
    until(lambda: not service.app.state.deliverer.in_flight)
    (delivery,) = deliveries(service)
    assert (delivery["attempts"], delivery["last_status"]) == (2, 299)
    assert delivery["state"] == state
