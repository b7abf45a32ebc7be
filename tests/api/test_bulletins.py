"""Bulletins: what the coordinators make known, and what it refers to."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.projections import documents
from app.writing.audit_verification import faults
from tests.support import PLAN
from tests.support.databases import Databases
from tests.support.practice import BULLETINS, NOW, TASK, Service, a_bulletin, practising

LINK = {"url": "https://www.example.gov.cn/demo/3.html", "title": None}
REPORT = {"resource": "report", "id": f"{TASK}-r1"}
ASSESSMENT = {"resource": "assessment", "id": f"{PLAN}-a1"}


@pytest.fixture
def service(loaded_url: str) -> Iterator[Service]:
    with practising(loaded_url) as alive:
        yield alive


@pytest.fixture(scope="module")
def refusing(databases: Databases) -> Iterator[Service]:
    """For requests that store no bulletin; a report and an assessment are there."""
    with databases.loaded() as url, practising(url) as alive:
        assert alive.report().status_code == alive.assess().status_code == 201
        yield alive


def ids(service: Service, query: str) -> list[str]:
    return [row["id"] for row in service.json(f"{BULLETINS}?{query}")["data"]]


def test_a_bulletin_is_stored_as_it_came_and_can_be_read_at_once(service: Service) -> None:
    service.report()
    service.assess()
    body = "试验：第一行。\n\t第二行，带“引号”、emoji 🏛 和 𠮷。"
    answer = service.publish(body=body, refers_to=[REPORT, ASSESSMENT], evidence=[LINK])
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/v1/bulletins/{PLAN}-b1"
    assert answer.json() == {
        **a_bulletin(body=body, evidence=[LINK]),
        "id": f"{PLAN}-b1",
        "html_url": f"/bulletins/{PLAN}-b1",
        "refers_to": [
            {**REPORT, "resource_label": "进展报告", "path": f"/v1/reports/{TASK}-r1"},
            {**ASSESSMENT, "resource_label": "第三方评估", "path": f"/v1/assessments/{PLAN}-a1"},
        ],
        "state": "in_force",
        "state_label": "有效",
        "replaces": None,
        "replaced_by": None,
        "withdrawal": None,
        "recorded_at": "2026-03-01T16:30:00.000002Z",  # the third write
        "version": 1,
        "changed_at": "2026-03-01T16:30:00.000002Z",
    }
    read = service.client.get(answer.headers["location"], headers={"Accept-Encoding": "identity"})
    assert read.json() == answer.json()
    assert read.headers["etag"] == answer.headers["etag"]
    for one in answer.json()["refers_to"]:
        assert service.json(one["path"])["id"] == one["id"]


def test_the_longest_body_fits_into_a_request(service: Service) -> None:
    assert service.publish(body="字" * 20_000).status_code == 201
    assert service.publish(body="字" * 20_001).status_code == 422
    many = [LINK] * 20
    assert service.publish(body="字" * 20_000, title="字" * 200).status_code == 201
    assert service.publish(body="字" * 21_800, evidence=many).status_code == 413


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"plan": "gd-dg-2021"}, "plan"),
        ({"title": ""}, "title"),
        ({"title": "字" * 201}, "title"),
        ({"body": " \n"}, "body"),
        ({"body": "a\x00b"}, "body"),
        ({"body": None}, "body"),
        ({"published_on": "2026-03-03"}, "published_on"),
        ({"published_on": "2023-02-29"}, "published_on"),
        ({"refers_to": [REPORT, {**REPORT, "id": f"{TASK}-r9"}]}, "refers_to.1.id"),
        ({"refers_to": [REPORT, {**ASSESSMENT, "id": REPORT["id"]}]}, "refers_to.1.id"),
        ({"refers_to": [{**ASSESSMENT, "id": "\x00"}, REPORT]}, "refers_to.0.id"),
        ({"refers_to": [{**ASSESSMENT, "id": "省"}]}, "refers_to.0.id"),
        ({"refers_to": [{"resource": "task", "id": TASK}]}, "refers_to.0.resource"),
        ({"refers_to": [REPORT] * 201}, "refers_to"),
        ({"refers_to": [REPORT, ASSESSMENT, REPORT]}, "refers_to.2"),
        ({"refers_to": [REPORT, {**ASSESSMENT, "titel": "试验"}]}, "refers_to.1.titel"),
        ({"evidence": [{**LINK, "titel": "试验"}]}, "evidence.0.titel"),
        ({"titel": "试验"}, "titel"),
        ({"refers_to": [{"resource": "report"}]}, "refers_to.0.id"),
        ({"refers_to": ["x"]}, "refers_to.0"),
        ({"evidence": [{"url": "http://a.example"}]}, "evidence.0.url"),
        ({"replaces": f"{PLAN}-b9"}, "replaces"),
        ({"replaces": f"{PLAN}-a1"}, "replaces"),
        ({"state": "in_force"}, "state"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_stored(
    refusing: Service, changes: dict[str, Any], name: str
) -> None:
    answer = refusing.publish(**changes)
    assert answer.status_code == 422, answer.text
    assert [error["name"] for error in answer.json()["errors"]] == [name]
    assert "不符合要求；见" not in answer.text
    assert refusing.json(BULLETINS)["data"] == []


def test_published_today_is_today_in_china(service: Service) -> None:
    assert service.publish(published_on="2026-03-02").status_code == 201


@pytest.mark.parametrize("role", ["reporter", "assessor", "admin"])
def test_only_coordinators_publish_and_withdraw(refusing: Service, role: str) -> None:
    assert refusing.post(BULLETINS, a_bulletin(), role).status_code == 403
    path = f"{BULLETINS}/nothing/withdrawal"
    assert refusing.post(path, {"reason": "试验"}, role).status_code == 403
    assert refusing.post(path, {"reason": "试验"}, "coordinator").status_code == 404


def test_a_correction_and_a_withdrawal_leave_what_was_said(service: Service) -> None:
    first = service.publish().json()["id"]
    second = service.publish(title="试验通报（更正）", replaces=first).json()
    old = service.json(f"{BULLETINS}/{first}")
    assert (old["state"], old["replaced_by"], old["title"]) == (
        "replaced", second["id"], "试验通报",
    )  # fmt: skip
    assert service.publish(replaces=first).status_code == 409
    path = f"{BULLETINS}/{second['id']}/withdrawal"
    gone = service.post(path, {"reason": "试验：误发。"}, "coordinator")
    assert gone.status_code == 201
    assert (gone.json()["state"], gone.json()["withdrawal"]["reason"]) == (
        "withdrawn", "试验：误发。",
    )  # fmt: skip
    assert service.post(path, {"reason": "再次"}, "coordinator").status_code == 409
    assert ids(service, "state=replaced&state=withdrawn") == [first, second["id"]]


def test_what_a_bulletin_refers_to_may_be_withdrawn_later(service: Service) -> None:
    assessment = service.assess().json()["id"]
    made = service.publish(refers_to=[ASSESSMENT]).json()
    service.post(f"/v1/assessments/{assessment}/withdrawal", {"reason": "试验"}, "coordinator")
    assert service.json(f"{BULLETINS}/{made['id']}") == made
    assert service.json(made["refers_to"][0]["path"])["state"] == "withdrawn"
    assert service.publish(refers_to=[ASSESSMENT]).status_code == 201  # it says so itself


def test_the_same_request_again_gives_the_first_answer(service: Service) -> None:
    given = (BULLETINS, a_bulletin(), "coordinator")
    first, again = (service.post(*given, Idempotency_Key="a") for _ in range(2))
    assert (again.status_code, again.content) == (201, first.content)
    assert len(service.json(BULLETINS)["data"]) == 1


def test_every_document_is_what_a_rebuild_makes_and_the_log_fits(service: Service) -> None:
    service.report()
    first = service.publish(refers_to=[REPORT], evidence=[LINK]).json()["id"]
    service.publish(replaces=first)
    service.post(f"{BULLETINS}/{first}/withdrawal", {"reason": "试验"}, "coordinator")
    with service.session() as session:
        assert list(faults(session, {})) == []
        before = list(documents.stored_documents(session))
        documents.refresh(session, PLAN, NOW + timedelta(days=1))
        assert list(documents.stored_documents(session)) == before


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE bulletin SET body = 'x'",
        "UPDATE bulletin SET refers_to = '[]'",
        "DELETE FROM bulletin",
    ],
)
def test_the_database_refuses_to_change_what_was_published(service: Service, change: str) -> None:
    service.publish()
    with pytest.raises(DBAPIError, match="only added"), service.session() as session:
        session.execute(text(change))
    with service.session() as session:  # what is computed may change
        session.execute(text("UPDATE bulletin SET version = version + 1"))


def test_the_feed_tells_of_the_bulletin(service: Service) -> None:
    last = service.json("/v1/changes?limit=1")["page"]["total"]
    first = service.publish().json()["id"]
    second = service.publish(replaces=first).json()["id"]
    told = service.json(f"/v1/changes?after={last}")["data"]
    assert [(c["op"], c["resource"], c["id"]) for c in told] == [
        ("created", "bulletin", first), ("updated", "bulletin", first),
        ("created", "bulletin", second),
    ]  # fmt: skip
    read = service.client.get(f"{BULLETINS}/{first}", headers={"Accept-Encoding": "identity"})
    assert read.headers["etag"] == told[1]["etag"]


def test_bulletins_walk_filter_and_export_in_either_script(service: Service) -> None:
    service.assess()
    for day in ("2023-02-01", "2023-04-01", "2023-03-01"):
        service.publish(published_on=day, title="=1+1", refers_to=[ASSESSMENT])
    first = service.json(f"{BULLETINS}?limit=2&sort=published_on")
    rest = service.json(f"{BULLETINS}?limit=2&sort=published_on&cursor={first['page']['next']}")
    assert [row["published_on"] for row in first["data"] + rest["data"]] == [
        "2023-02-01", "2023-03-01", "2023-04-01",
    ]  # fmt: skip
    for query, found in {
        "published_from=2023-03-01": ["b2", "b3"],
        "published_to=2023-03-01": ["b1", "b3"],
        f"plan={PLAN}&state=in_force": ["b1", "b2", "b3"],
        "state=withdrawn": [],
        f"id={PLAN}-b2": ["b2"],
        "changed_since=2026-03-01T16:30:01Z": [],
    }.items():
        assert ids(service, query) == [f"{PLAN}-{one}" for one in found], query
    for wrong in ("plan=x", "agency=省公安厅", "published_from=2023"):
        assert service.client.get(f"{BULLETINS}?{wrong}").status_code == 422, wrong
    lines = service.client.get(f"{BULLETINS}?format=csv").text.splitlines()
    assert lines[1].startswith(
        f"{PLAN}-b1,{PLAN},'=1+1,试验数据。,2023-02-01,/v1/assessments/{PLAN}-a1,"
    )
    assert len(service.client.get(f"{BULLETINS}?format=ndjson").text.splitlines()) == 3
    assert service.client.get(f"{BULLETINS}?format=xlsx").content.startswith(b"PK")
    converted = service.json(f"{BULLETINS}?lang=zh-Hant&limit=1")["data"][0]
    assert converted["body"] == "試驗數據。"
