"""Deliveries of webhooks: signed, in order, each once."""

import asyncio
import base64
import json
import time

import pytest
from standardwebhooks import Webhook as Signed

from app.db.engine import open_engine
from app.db.models import Delivery
from app.enums import DeliveryState
from app.resources.webhooks import delivering, outgoing
from seed.load import load
from seed.notice_files import ReadNotice
from seed.registry import Registry
from tests.support import ROOT
from tests.support.notices import corrected
from tests.support.practice import SIGNING_SECRET, WEBHOOKS, Service, practising
from tests.support.receivers import (
    LONGEST,
    MILESTONES,
    PUBLIC_URL,
    WRITING,
    Receiver,
    deliveries,
    failing,
    receiving,
    settled,
    until,
)


def test_an_event_is_told_signed_and_says_where_to_read(
    service: Service, receiver: Receiver
) -> None:
    assert service.subscribe(url=receiver.url).status_code == 201
    report = service.report().json()
    until(lambda: receiver.got and settled(service))
    (headers, body), told = receiver.got[0], receiver.bodies[0]
    assert Signed(SIGNING_SECRET).verify(body, headers) == told
    changes = service.json("/v1/changes?limit=1000")["data"]
    (change,) = [one for one in changes if one["resource"] == "report"]
    assert told == {
        "type": "report.created",
        "timestamp": change["at"],
        "data": {**change, "path": f"/v1/reports/{report['id']}"},
    }
    assert service.json(told["data"]["path"]) == report
    guide = (ROOT / "docs/webhooks.md").read_text("utf-8")
    shown = json.loads(guide[guide.index('{"type":') :].split("\n```")[0])
    assert [[*shown], [*shown["data"]]] == [[*told], [*told["data"]]]
    (delivery,) = deliveries(service)
    assert delivery == {
        "id": headers["webhook-id"],
        "event": "report.created",
        "seq": change["seq"],
        "resource": "report",
        "resource_label": "进展报告",
        "resource_id": report["id"],
        "state": "delivered",
        "state_label": "已送达",
        "attempts": 1,
        "waits_for": None,
        "next_attempt_at": None,
        "last_attempt_at": change["at"],
        "last_status": 204,
        "last_error": None,
        "delivered_at": change["at"],
    }
    assert len(receiver.got) == 1


def test_a_signed_webhook_gets_every_event_of_a_fact(quiet: Service) -> None:
    every = ["report.created", "report.updated", "task.updated"]
    id_ = quiet.subscribe(events=every).json()["id"]
    first = quiet.report(as_of="2021-01-31").json()["id"]
    quiet.report(as_of="2021-01-31", status="completed", replaces=first)
    told = [one["event"] for one in deliveries(quiet, id_=id_)[::-1]]
    assert told == ["report.created", "task.updated", "report.updated", "report.created",
                    "task.updated"]  # fmt: skip


def test_what_loading_changes_is_told_too(
    service: Service, receiver: Receiver, registry: Registry, notice: ReadNotice
) -> None:
    service.subscribe(url=receiver.url, events=["plan.updated"])
    engine = open_engine(service.url)
    load(engine, registry, [corrected(notice, title="另一标题")], service.now)
    engine.dispose()
    until(lambda: receiver.events == ["plan.updated gd-dg-2022"])


def test_a_paused_one_is_told_nothing(service: Service, receiver: Receiver) -> None:
    service.subscribe(url=receiver.url)
    etag = service.private(f"{WEBHOOKS}/webhook-1").headers["etag"]
    path = f"{WEBHOOKS}/webhook-1"
    paused = service.patch(path, {"enabled": False}, role="admin", If_Match=etag)
    assert paused.json()["enabled"] is False
    assert service.patch(path, {"enabled": True}, role="admin", If_Match=etag).status_code == 412
    assert service.patch(path, {"enabled": True}, role="admin").status_code == 428
    service.report()
    time.sleep(0.2)
    assert deliveries(service) == []
    assert receiver.got == []


def test_a_new_secret_signs_from_then_on(service: Service, receiver: Receiver) -> None:
    service.subscribe(url=receiver.url)
    secret = "whsec_" + base64.b64encode(b"n" * 24).decode()
    body = {"enabled": True, "secret": secret}
    changed = service.patch(f"{WEBHOOKS}/webhook-1", body, role="admin", If_Match="*")
    assert changed.status_code == 200
    service.report()
    until(lambda: receiver.got)
    headers, told = receiver.got[0]
    Signed(secret).verify(told, headers)


def test_a_slow_receiver_holds_up_nobody_else(
    service: Service, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "TIMEOUT", 10 * LONGEST)
    with receiving() as slow:
        slow.free.clear()
        service.subscribe(url=slow.url)
        service.subscribe(url=receiver.url)
        service.report(as_of="2022-01-31")
        until(lambda: receiver.got)
        service.report(as_of="2022-02-28")
        until(lambda: len(receiver.got) == 2)
        assert len(slow.got) == 1  # still at its first
        slow.free.set()
        until(lambda: len(slow.got) == 2)


def test_no_address_of_a_private_network_is_called_however_it_is_named(
    loaded_url: str, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "POLL_INTERVAL", 0.02)
    port = receiver.url.rpartition(":")[2]
    with practising(loaded_url, webhook_delivery=True) as service:
        for host in ("127.0.0.1", "[::1]", "10.1.2.3", "169.254.169.254", "[::ffff:127.0.0.1]"):
            refused = service.subscribe(url=f"https://{host}:{port}/")
            assert refused.status_code == 422, host
            assert refused.json()["errors"][0]["name"] == "url"
        assert service.subscribe(url=f"https://localhost:{port}/").status_code == 201
        service.report()
        until(failing(service, 1))
        assert "not global" in deliveries(service)[0]["last_error"]
    assert receiver.got == []


def test_what_a_dying_worker_had_taken_is_sent_again(service: Service, receiver: Receiver) -> None:
    service.subscribe(url=receiver.url)
    service.report()
    until(lambda: settled(service))
    with service.session() as session:  # as it is while a call is under way
        taken = session.get_one(Delivery, ("webhook-1", deliveries(service)[0]["seq"]))
        taken.state, taken.delivered_at = DeliveryState.PENDING, None
        taken.next_at = service.now + delivering.LEASE
    time.sleep(0.2)
    assert len(receiver.got) == 1
    service.now += delivering.LEASE + WRITING
    until(lambda: settled(service))
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert len(receiver.got) == 2


def test_several_workers_tell_each_event_once(service: Service, receiver: Receiver) -> None:
    service.subscribe(url=receiver.url, events=["milestone.created"])
    given = {"webhook_hosts": "127.0.0.1", "public_url": PUBLIC_URL}
    with practising(service.url, webhook_delivery=True, **given) as other:
        other.now = service.now
        for number in range(20):
            by = (service, other)[number % 2]
            body = {"title": f"试验{number}", "due_on": "2022-09-30"}
            assert by.post(MILESTONES, body).status_code == 201
        until(lambda: settled(service))
    ids = [headers["webhook-id"] for headers, _ in receiver.got]
    assert len(ids) == 20
    assert len(set(ids)) == 20


def test_a_service_that_ends_as_soon_as_it_begins_ends(loaded_url: str) -> None:
    for _ in range(3):
        with practising(loaded_url, webhook_delivery=True):
            pass
    app = Service(loaded_url, webhook_delivery=True).app

    async def only_begin() -> None:
        async with app.router.lifespan_context(app):
            pass

    asyncio.run(only_begin())
