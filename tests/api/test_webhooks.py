"""Webhooks: told of what changes, signed, in order, until it gets there; for administrators only."""

import asyncio
import base64
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from standardwebhooks import Webhook as Signed

from app.db.engine import open_engine
from app.db.models import AuditLine, Delivery, Webhook
from app.enums import DeliveryState
from app.resources.webhooks import delivering, outgoing
from app.writing.audit_verification import faults
from seed.load import load
from seed.notice_files import ReadNotice
from seed.registry import Registry
from tests.support import PLAN, ROOT
from tests.support.databases import Databases
from tests.support.notices import corrected
from tests.support.practice import (
    LEAD,
    SIGNING_SECRET,
    TASK,
    WEBHOOKS,
    Service,
    a_webhook,
    practising,
)

MILESTONES = f"/v1/tasks/{TASK}/milestones"
PUBLIC_URL = "https://plans.example.gov.cn"
LONGEST = 10.0  # seconds until something that should come must be there


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


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def service(loaded_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setattr(delivering, "POLL_INTERVAL", 0.02)
    given = {"webhook_hosts": "127.0.0.1", "public_url": PUBLIC_URL}
    with practising(loaded_url, webhook_delivery=True, **given) as alive:
        alive.now = datetime.now(UTC).replace(microsecond=0)  # signatures hold for five minutes
        yield alive


# While the clock stands still, each write is a microsecond later than the one before.
WRITING = timedelta(milliseconds=1)


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


def test_only_what_was_asked_for_is_told_and_only_from_then_on(
    service: Service, receiver: Receiver
) -> None:
    service.report(as_of="2022-01-31")
    service.subscribe(url=receiver.url, events=["task.updated", "report.updated", "task.updated"])
    report = service.report(as_of="2022-02-28", status="completed").json()["id"]
    service.post(f"/v1/reports/{report}/withdrawal", {"reason": "试验"}, "coordinator")
    until(lambda: len(receiver.got) == 3 and settled(service))
    assert sorted(receiver.events) == [f"report.updated {report}", *[f"task.updated {TASK}"] * 2]


def test_filters_leave_out_what_concerns_others(service: Service, receiver: Receiver) -> None:
    events = ["report.created", "task.updated", "assessment.created"]
    for filters in ({"agency": ["gd-energy"]}, {"agency": [LEAD, "gd-energy"], "plan": [PLAN]}):
        service.subscribe(url=receiver.url, events=events, filters=filters)
    report = service.report().json()["id"]
    assessed = service.assess(subject={"kind": "agency", "id": "gd-energy"}).json()["id"]
    service.assess()  # of a region, which concerns no agency
    until(lambda: len(receiver.got) == 4 and settled(service))
    assert [one["resource_id"] for one in deliveries(service)] == [assessed]
    of_both = deliveries(service, id_="webhook-2")
    assert [one["resource_id"] for one in of_both] == [assessed, TASK, report]


def test_filters_that_are_changed_hold_for_what_is_queued_from_then_on(service: Service) -> None:
    service.subscribe(url="https://receiver.example.gov.cn/", filters={"agency": ["gd-energy"]})
    path = f"{WEBHOOKS}/webhook-1"
    filters = service.private(path).json()["filters"]
    assert {name: ids for name, ids in filters.items() if ids} == {"agency": ["gd-energy"]}
    service.report(as_of="2022-01-31")
    for day, body in {
        "2022-02-28": {"enabled": True, "filters": {"agency": [LEAD, LEAD]}},
        "2022-03-31": {"enabled": True},  # as they were
        "2022-04-30": {"enabled": True, "filters": {}},
        "2022-05-31": {"enabled": True, "filters": {"agency": ["gd-energy"], "plan": [PLAN]}},
    }.items():
        changed = service.patch(path, body, role="admin", If_Match="*")
        assert changed.status_code == 200, changed.text
        service.report(as_of=day)
    told = [one["resource_id"] for one in deliveries(service)]
    assert told == [f"{TASK}-r{number}" for number in (4, 3, 2)]
    with service.session() as session:
        assert list(faults(session, {})) == []


@pytest.mark.parametrize("filters", [{"agency": ["省能源局"]}, {"agency": ["gd-energy", "gd-none"]},
                                     {"agency": ["x" * 201]}, {"plan": ["gd-dg-2021"]},
                                     {"plan": [LEAD]}, {"within": ["某省"]}, {"year": ["2022"]},
                                     {"jurisdiction": ["\u0000"]}, {"series": ["none"]},
                                     {"agency": ["\u0000"]}, {"role": ["lead"]},
                                     {"agency": "gd-energy"}, {"agency": ["gd-energy"] * 101}, [],
                                     {"agency": [1]}, {"agency": None}])  # fmt: skip
def test_a_filter_of_what_does_not_exist_is_refused(quiet: Service, filters: Any) -> None:
    refused = quiet.subscribe(filters=filters)
    assert refused.status_code == 422
    [error] = refused.json()["errors"][:1]
    assert error["name"].startswith("filters")


def test_a_fact_is_one_card_about_the_fact(service: Service, receiver: Receiver) -> None:
    every = ["report.created", "report.updated", "measurement.created", "task.updated",
             "target.updated"]  # fmt: skip
    robot = f"{receiver.url}/robot"
    receiver.answers = [(200, b'{"errcode":0}')] * 10
    service.subscribe(url=robot, format="robot_markdown", secret=None, events=every)
    first = service.report().json()["id"]
    second = service.report(status="completed", replaces=first).json()["id"]
    service.post(f"/v1/reports/{second}/withdrawal", {"reason": "试验"}, "coordinator")
    measured = {"as_of": "2022-06-30", "value": 2, "unit": "个", "method": "试验"}
    service.post(f"/v1/targets/{TASK}-k1/measurements", measured)
    until(lambda: len(receiver.got) == 4 and settled(service))
    assert [(one["event"], one["resource_id"]) for one in deliveries(service)[::-1]] == [
        ("report.created", first),
        ("report.created", second),
        ("report.updated", second),
        ("measurement.created", f"{TASK}-k1-v1"),
    ]


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


def test_a_robot_is_told_in_words_and_says_no_by_errcode(
    service: Service, receiver: Receiver
) -> None:
    receiver.answers = [
        (200, b'{"errcode":45009,"errmsg":"api freq out of limit"}'),
        (200, b"<html>"),
        (200, b'{"errcode":0,"errmsg":"ok"}'),
    ]
    robot = f"{receiver.url}/cgi-bin/webhook/send?key=demo"
    service.subscribe(url=robot, format="robot_markdown", secret=None)
    report = service.report(summary="试验 [点这里](https://evil.example) <@all>").json()
    until(failing(service, 1))
    assert deliveries(service)[0]["last_error"] == "errcode 45009"
    service.now += timedelta(seconds=5) + WRITING
    until(failing(service, 2))
    assert deliveries(service)[0]["last_error"] == "no errcode in the response"
    service.now += timedelta(seconds=300) + WRITING
    until(lambda: settled(service))
    headers, body = receiver.got[0]
    assert "webhook-signature" not in headers
    content = json.loads(body)["markdown"]["content"]
    assert content.split("\n") == [
        "**进展报告 · 新增**",
        report["task"]["title"],
        "> 机构：省政务服务数据管理局",
        "> 截至：2022-06-30",
        "> 进展：正常推进",
        "试验 ［点这里］(https://evil.example) ＜@all＞",
        f"[查看]({PUBLIC_URL}{report['html_url']})",
    ]


def test_a_card_links_to_what_it_tells_of(service: Service, receiver: Receiver) -> None:
    receiver.answers = [(200, b'{"errcode":0}')]
    service.subscribe(
        url=receiver.url, format="robot_card", secret=None, events=["bulletin.created"]
    )
    bulletin = service.publish(title="试" * 30, body="验" * 200).json()
    until(lambda: receiver.got and settled(service))
    assert json.loads(receiver.got[0][1]) == {
        "msgtype": "template_card",
        "template_card": {
            "card_type": "text_notice",
            "main_title": {"title": "试" * 25 + "…", "desc": "通报 · 新增"},
            "sub_title_text": "验" * 111 + "…",
            "horizontal_content_list": [{"keyname": "日期", "value": "2023-02-01"}],
            "card_action": {"type": 1, "url": f"{PUBLIC_URL}/bulletins/{bulletin['id']}"},
        },
    }


@pytest.fixture(scope="module")
def quiet(databases: Databases) -> Iterator[Service]:
    """A service that delivers nothing, shared."""
    with databases.loaded() as url, practising(url, webhook_hosts="intranet.example") as alive:
        yield alive


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"url": "http://receiver.example.gov.cn/"}, "url"),
        ({"url": "ftp://receiver.example.gov.cn/"}, "url"),
        ({"url": "https://"}, "url"),
        ({"url": "https://a b/"}, "url"),
        ({"url": "https://user:pass@receiver.example.gov.cn/"}, "url"),
        ({"url": "https://receiver.example.gov.cn/#part"}, "url"),
        ({"url": "https://receiver.example.gov.cn:0/"}, "url"),
        ({"url": "https://receiver.example.gov.cn:99999/"}, "url"),
        ({"url": "https://[::1/"}, "url"),
        ({"url": "https://2130706433/"}, None),  # a name, as far as one can see; not called, see above
        ({"url": "https://接收.example/"}, "url"),
        ({"url": "https://intranet.example/" + "a" * 2000}, "url"),
        ({"url": "http://intranet.example/hook"}, None),
        ({"events": []}, "events"),
        ({"events": ["report"]}, "events.0"),
        ({"events": ["report.withdrawn"]}, "events.0"),  # what was said stays, as updated
        ({"events": ["*"]}, "events.0"),
        ({"events": "report.created"}, "events"),
        ({"format": "xml"}, "format"),
        ({"secret": None}, "secret"),
        ({"secret": "whsec_short"}, "secret"),
        ({"secret": "whsec_" + "=" * 40}, "secret"),
        ({"secret": "x" * 40}, "secret"),
        ({"secret": ""}, "secret"),
        ({"url": "https://1.2.3.04/"}, "url"),
        ({"url": "https://xn--a b/"}, "url"),
        ({"format": "robot_markdown"}, "secret"),  # a robot has none
        ({"format": "robot_card", "secret": None}, "format"),  # nowhere to link to
        ({"enabled": True}, "enabled"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_refused(
    quiet: Service, changes: dict[str, Any], name: str | None
) -> None:
    before = quiet.private(WEBHOOKS).json()["page"]["total"]
    answer = quiet.subscribe(**changes)
    after = quiet.private(WEBHOOKS).json()["page"]["total"]
    if name is None:
        assert (answer.status_code, after) == (201, before + 1), answer.text
        return
    assert answer.status_code == 422, answer.text
    assert name in [error["name"] for error in answer.json()["errors"]]
    assert after == before


def test_they_are_listed_in_pages_with_what_a_private_answer_needs(quiet: Service) -> None:
    for _ in range(3):
        quiet.subscribe()
    ids, path = [], f"{WEBHOOKS}?limit=2"
    while path:
        answer = quiet.private(path)
        page = answer.json()
        ids += [one["id"] for one in page["data"]]
        assert page["page"]["total"] >= 3
        cursor = page["page"]["next"]
        path = cursor and f"{WEBHOOKS}?limit=2&cursor={cursor}"
    assert ids == [f"webhook-{number}" for number in range(1, len(ids) + 1)]
    assert answer.headers["cache-control"] == "no-store"
    same = quiet.private(WEBHOOKS)
    again = quiet.private(WEBHOOKS, If_None_Match=same.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    assert quiet.client.get(WEBHOOKS).status_code == 401  # nothing that was answered is kept
    assert quiet.client.head(WEBHOOKS).status_code == 401
    assert quiet.private(f"{WEBHOOKS}/webhook-0").status_code == 404
    assert quiet.private(f"{WEBHOOKS}/webhook-0/deliveries").status_code == 404
    assert quiet.private(f"{WEBHOOKS}?cursor=x").status_code == 422
    assert quiet.private(f"{WEBHOOKS}?colour=x").status_code == 422


def test_deliveries_are_walked_newest_first(quiet: Service) -> None:
    hook = quiet.subscribe(events=["milestone.created"]).json()["id"]
    for number in range(5):
        quiet.post(MILESTONES, {"title": f"试验{number}", "due_on": "2022-09-30"})
    whole = deliveries(quiet, id_=hook)
    walked, path = [], f"{WEBHOOKS}/{hook}/deliveries?limit=2&state=pending"
    while path:
        page = quiet.private(path).json()
        walked += page["data"]
        cursor = page["page"]["next"]
        path = cursor and f"{WEBHOOKS}/{hook}/deliveries?limit=2&state=pending&cursor={cursor}"
    assert walked == whole
    assert [one["seq"] for one in whole] == sorted((one["seq"] for one in whole), reverse=True)
    assert len(whole) == 5


def test_what_was_refused_is_told_to_nobody(quiet: Service) -> None:
    hook = quiet.subscribe(events=["report.created"]).json()["id"]
    assert quiet.report(as_of="2099-01-01").status_code == 422
    assert deliveries(quiet, id_=hook) == []


def test_a_secret_is_shown_nowhere_and_the_log_tells_of_every_change(quiet: Service) -> None:
    secret = "whsec_" + base64.b64encode(b"unseen unseen unseen unseen").decode()
    key = {"Authorization": f"Bearer {quiet.key('admin')}", "Idempotency-Key": "hidden"}
    first, again = (
        quiet.client.post(WEBHOOKS, json=a_webhook(secret=secret), headers=key) for _ in range(2)
    )
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    seen = [
        first.text,
        quiet.private(WEBHOOKS).text,
        quiet.private(f"{WEBHOOKS}/{first.json()['id']}").text,
    ]
    with quiet.session() as session:
        lines = list(session.scalars(select(AuditLine.line)))
        assert list(faults(session, {})) == []
    assert not [text for text in (*seen, *lines) if secret in text]
    assert [line for line in lines if re.search('"operation":"createWebhook"', line)]
    with quiet.session() as session:
        session.get_one(Webhook, first.json()["id"]).url = "https://elsewhere.example/"
    with quiet.session() as session:
        assert [fault for fault in faults(session, {}) if "webhook" in fault]
        session.get_one(Webhook, first.json()["id"]).url = first.json()["url"]


def test_a_reporter_who_looks_is_in_the_log(quiet: Service) -> None:
    before = quiet.json("/v1/audit/checkpoints?limit=1")["page"]["total"]
    refused = quiet.private(WEBHOOKS, "reporter")
    assert refused.status_code == 403
    assert "admin" in refused.json()["detail"]
    assert quiet.json("/v1/audit/checkpoints?limit=1")["page"]["total"] > before
    assert quiet.subscribe().status_code == 201
    assert quiet.private(WEBHOOKS).status_code == 200


@pytest.mark.parametrize(
    "odd", [b'{"errcode":"\\ud800"}', b'{"errcode":"\\u0000"}', b"[" * 60_000, b'{"errcode":1e99}']
)
def test_an_odd_answer_of_a_robot_is_a_no_and_holds_up_nobody(
    service: Service, receiver: Receiver, odd: bytes
) -> None:
    receiver.answers = [(200, odd), (200, b'{"errcode":0}'), (200, b'{"errcode":0}')]
    service.subscribe(
        url=receiver.url, format="robot_markdown", secret=None, events=["milestone.created"]
    )
    for number in range(2):
        service.post(MILESTONES, {"title": f"试验{number}", "due_on": "2022-09-30"})
    until(lambda: sorted(one["state"] for one in deliveries(service)) == ["delivered", "pending"])
    until(lambda: [one for one in deliveries(service) if one["last_error"]])
    service.now += timedelta(seconds=6) + WRITING
    until(lambda: settled(service))
    assert len(receiver.got) == 3


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


def test_a_service_that_ends_as_soon_as_it_begins_ends(loaded_url: str) -> None:
    for _ in range(3):
        with practising(loaded_url, webhook_delivery=True):
            pass
    app = Service(loaded_url, webhook_delivery=True).app

    async def only_begin() -> None:
        async with app.router.lifespan_context(app):
            pass

    asyncio.run(only_begin())
