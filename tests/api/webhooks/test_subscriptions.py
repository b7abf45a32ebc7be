"""Subscriptions of webhooks: made, listed, changed and logged; for administrators only."""

import base64
import re
from typing import Any

import pytest
from sqlalchemy import select

from app.db.models import AuditLine, Webhook
from app.writing.audit_verification import faults
from tests.support.practice import WEBHOOKS, Service, a_webhook
from tests.support.receivers import MILESTONES, deliveries


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
