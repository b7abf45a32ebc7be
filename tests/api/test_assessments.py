"""Assessments: what third parties have found, beside what agencies say and never mixed with it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.cli import commands as administration
from app.db.models import ApiKey
from app.enums import KeyRole
from app.projections import documents
from app.writing.audit_verification import faults
from app.writing.keys import key_id, server_secret
from tests.support import PLAN
from tests.support.databases import Databases
from tests.support.practice import ASSESSMENTS, LEAD, NOW, Service, an_assessment, practising

AGENCY = {"kind": "agency", "id": LEAD}
LINK = {"url": "https://www.example.gov.cn/demo/2.html", "title": "试验"}


@pytest.fixture
def service(loaded_url: str) -> Iterator[Service]:
    with practising(loaded_url) as alive:
        yield alive


@pytest.fixture(scope="module")
def refusing(databases: Databases) -> Iterator[Service]:
    """For requests that store nothing."""
    with databases.loaded() as url, practising(url) as alive:
        yield alive


def ids(service: Service, query: str) -> list[str]:
    return [row["id"] for row in service.json(f"{ASSESSMENTS}?{query}")["data"]]


def test_an_assessment_is_stored_as_it_came_and_can_be_read_at_once(service: Service) -> None:
    findings = "试验：第一行。\n第二行，带“引号”、emoji 🏛 和 𠮷。"
    score = {"value": 92.5, "maximum": 100}
    answer = service.assess(findings=findings, score=score, evidence=[LINK])
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/v1/assessments/{PLAN}-a1"
    assert answer.json() == {
        **an_assessment(findings=findings, score=score, evidence=[LINK]),
        "id": f"{PLAN}-a1",
        "html_url": f"/assessments/{PLAN}-a1",
        "subject": {"kind": "region", "kind_label": "地区", "id": "440300", "name": "深圳市"},
        "state": "in_force",
        "state_label": "有效",
        "replaces": None,
        "replaced_by": None,
        "withdrawal": None,
        "recorded_at": "2026-03-01T16:30:00Z",
        "version": 1,
        "changed_at": "2026-03-01T16:30:00Z",
    }
    read = service.client.get(answer.headers["location"], headers={"Accept-Encoding": "identity"})
    assert read.json() == answer.json()
    assert read.headers["etag"] == answer.headers["etag"]
    assert service.json(ASSESSMENTS)["data"] == [answer.json()]


def test_it_is_of_an_agency_or_a_region_by_grade_or_score(service: Service) -> None:
    score = {"value": 0, "maximum": 1000}
    scored = service.assess(subject=AGENCY, grade=None, score=score).json()
    assert scored["subject"] == {
        "kind": "agency", "kind_label": "机构", "id": LEAD, "name": "省政务服务数据管理局",
    }  # fmt: skip
    assert (scored["grade"], scored["score"]) == (None, score)
    graded = service.assess().json()
    assert (graded["grade"], graded["score"]) == ("试验优秀", None)
    assert graded["id"] == f"{PLAN}-a2"


def test_decimals_stay_exact(service: Service) -> None:
    path = service.assess(score={"value": 0.1003, "maximum": 0.3}).headers["location"]
    assert '"score":{"value":0.1003,"maximum":0.3}' in service.client.get(path).text


def test_nothing_of_tasks_and_targets_follows_from_an_assessment(service: Service) -> None:
    def of_agencies() -> Any:
        return [service.json(f"/v1/{name}?limit=1000") for name in ("tasks", "targets", "reports")]

    service.report()
    before, last = of_agencies(), service.json("/v1/changes?limit=1")["page"]["total"]
    made = service.assess(subject=AGENCY).json()["id"]
    service.post(f"/v1/assessments/{made}/withdrawal", {"reason": "试验"}, "coordinator")
    assert of_agencies() == before
    told = service.json(f"/v1/changes?after={last}")["data"]
    assert [(c["op"], c["resource"], c["id"]) for c in told] == [
        ("created", "assessment", made), ("updated", "assessment", made),
    ]  # fmt: skip
    read = service.client.get(f"/v1/assessments/{made}", headers={"Accept-Encoding": "identity"})
    assert read.headers["etag"] == told[-1]["etag"]


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"plan": "gd-dg-2021"}, ["plan"]),
        ({"plan": "\x00"}, ["plan"]),
        ({"plan": None}, ["plan"]),
        ({"subject": {"kind": "task", "id": "gd-dg-2022-t17.2"}}, ["subject.kind"]),
        ({"subject": {"kind": "agency", "id": "gd-dg-2022-t17.2"}}, ["subject.id"]),
        ({"subject": {"kind": "agency", "id": "440300"}}, ["subject.id"]),
        ({"subject": {"kind": "region", "id": LEAD}}, ["subject.id"]),
        ({"subject": {"kind": "region", "id": "深圳市"}}, ["subject.id"]),
        ({"subject": {"kind": "region", "id": "\x00"}}, ["subject.id"]),
        ({"subject": {"kind": "region"}}, ["subject.id"]),
        ({"subject": [AGENCY]}, ["subject"]),
        ({"subject": {**AGENCY, "task": "x"}}, ["subject.task"]),
        ({"period": {"from": "2022-06-30", "to": "2022-06-29"}}, ["period.to"]),
        ({"period": {"from": "2022-06-30", "to": "2026-03-03"}}, ["period.to"]),
        ({"period": {"from": "2022-02-30", "to": "2022-06-30"}}, ["period.from"]),
        ({"period": {"to": "2022-06-30"}}, ["period.from"]),
        ({"period": {"from_": "2022-01-01", "to": "2022-06-30"}}, ["period.from", "period.from_"]),
        ({"grade": None}, ["grade"]),
        ({"grade": "优" * 21}, ["grade"]),
        ({"grade": " "}, ["grade"]),
        ({"score": {"value": 2, "maximum": 1}}, ["score.value"]),
        ({"score": {"value": -1, "maximum": 1}}, ["score.value"]),
        ({"score": {"value": 1, "maximum": 1000.5}}, ["score.maximum"]),
        ({"score": {"value": 0, "maximum": 0}}, ["score.maximum"]),
        ({"score": {"value": 0.0000001, "maximum": 1}}, ["score.value"]),
        ({"score": {"value": "1", "maximum": 1}}, ["score.value"]),
        ({"score": {"value": True, "maximum": 1}}, ["score.value"]),
        ({"score": {"value": 1}}, ["score.maximum"]),
        ({"score": 92}, ["score"]),
        ({"findings": ""}, ["findings"]),
        ({"findings": "a\u202eb"}, ["findings"]),
        ({"findings": "字" * 10_001}, ["findings"]),
        ({"method": None}, ["method"]),
        ({"assessor": "字" * 201}, ["assessor"]),
        ({"evidence": [LINK] * 21}, ["evidence"]),
        ({"replaces": "gd-dg-2022-a9"}, ["replaces"]),
        ({"replaces": "\x00"}, ["replaces"]),
        ({"key_id": "x"}, ["key_id"]),
        (
            {"grade": None, "period": {"from": "2022-02-01", "to": "2022-01-01"}},
            ["grade", "period.to"],
        ),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_stored(
    refusing: Service, changes: dict[str, Any], names: list[str]
) -> None:
    answer = refusing.assess(**changes)
    assert answer.status_code == 422, answer.text
    assert [error["name"] for error in answer.json()["errors"]] == names
    assert {error["in"] for error in answer.json()["errors"]} == {"body"}
    assert "不符合要求；见" not in answer.text
    assert refusing.json(ASSESSMENTS)["data"] == []


def test_a_period_may_end_today_in_china(service: Service) -> None:
    today = {"from": "2026-03-02", "to": "2026-03-02"}
    assert service.assess(period=today).status_code == 201


@pytest.mark.parametrize("role", ["reporter", "coordinator", "admin"])
def test_only_assessors_file_and_only_coordinators_withdraw(refusing: Service, role: str) -> None:
    assert refusing.post(ASSESSMENTS, an_assessment(), role).status_code == 403
    path = f"{ASSESSMENTS}/nothing/withdrawal"
    status = refusing.post(path, {"reason": "试验"}, role).status_code
    assert status == (404 if role == "coordinator" else 403)
    assert refusing.post(path, {"reason": "试验"}, "assessor").status_code == 403


def test_a_correction_is_a_new_assessment_and_the_old_one_stays(service: Service) -> None:
    first = service.assess(grade="试验良好").json()["id"]
    second = service.assess(replaces=first).json()
    assert second["replaces"] == first
    old = service.json(f"/v1/assessments/{first}")
    assert (old["state"], old["replaced_by"], old["grade"]) == (
        "replaced", second["id"], "试验良好",
    )  # fmt: skip
    assert service.assess(replaces=first).status_code == 409
    of_another = service.assess(replaces=second["id"], subject=AGENCY)
    assert of_another.json()["errors"][0]["name"] == "replaces"
    assert ids(service, "state=in_force") == [second["id"]]


def test_only_keys_of_the_same_holder_correct_an_assessment(service: Service) -> None:
    first = service.assess().json()["id"]
    secret, given = (
        server_secret(service.settings),
        {"role": KeyRole.ASSESSOR, "agency": None, "jurisdiction": "440000"},
    )
    with service.session() as session:
        own = key_id(service.key("assessor"))
        holder = session.get_one(ApiKey, own).holder
        keys = {
            name: administration.issue_key(session, secret, NOW, holder=name, **given)  # type: ignore[arg-type]
            for name in (holder, "他人")
        }
    for name, status in (("他人", 403), (holder, 201)):
        headers = {"Authorization": f"Bearer {keys[name]}", "Idempotency-Key": name.encode().hex()}
        body = an_assessment(replaces=first)
        answer = service.client.post(ASSESSMENTS, json=body, headers=headers)
        assert answer.status_code == status, answer.text
    for row in service.json(ASSESSMENTS)["data"]:  # of keys, nothing is published
        assert not {str(own), holder} & {str(value) for value in row.values()}


def test_a_withdrawn_assessment_stays_with_its_reason(service: Service) -> None:
    made = service.assess().json()
    path = f"/v1/assessments/{made['id']}/withdrawal"
    answer = service.post(path, {"reason": "试验：误报。"}, "coordinator")
    assert answer.status_code == 201
    at = "2026-03-01T16:30:00.000001Z"  # no two writes have the same moment
    assert answer.json() == {
        **made,
        "state": "withdrawn",
        "state_label": "已撤回",
        "withdrawal": {"reason": "试验：误报。", "withdrawn_at": at},
        "version": 2,
        "changed_at": at,
    }
    assert service.json(ASSESSMENTS)["data"] == [answer.json()]
    assert service.post(path, {"reason": "再次"}, "coordinator").status_code == 409
    assert service.assess(replaces=made["id"]).status_code == 409


def test_the_same_request_again_gives_the_first_answer(service: Service) -> None:
    given = (ASSESSMENTS, an_assessment(), "assessor")
    first, again = (service.post(*given, Idempotency_Key="a") for _ in range(2))
    assert (again.status_code, again.content) == (201, first.content)
    assert len(service.json(ASSESSMENTS)["data"]) == 1


def test_every_document_is_what_a_rebuild_makes_and_the_log_fits(service: Service) -> None:
    first = service.assess(score={"value": 9.50, "maximum": 10}).json()["id"]
    service.assess(replaces=first, score={"value": -0.0, "maximum": 100})
    service.assess(subject=AGENCY)
    service.post(f"/v1/assessments/{first}/withdrawal", {"reason": "试验"}, "coordinator")
    with service.session() as session:
        assert list(faults(session, {})) == []
        before = list(documents.stored_documents(session))
        documents.refresh(session, PLAN, NOW + timedelta(days=1))
        assert list(documents.stored_documents(session)) == before


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE assessment SET grade = 'x'",
        "UPDATE assessment SET score = '1'",
        "UPDATE assessment SET key_id = key_id",
        "DELETE FROM assessment",
    ],
)
def test_the_database_refuses_to_change_what_was_found(service: Service, change: str) -> None:
    service.assess(score={"value": 1, "maximum": 2})
    with pytest.raises(DBAPIError, match="only added"), service.session() as session:
        session.execute(text(change.replace("'1'", "score")))
    with service.session() as session:  # what is computed may change
        session.execute(text("UPDATE assessment SET version = version + 1"))


def test_assessments_are_found_by_subject_period_and_state(service: Service) -> None:
    later = {"from": "2022-07-01", "to": "2022-12-31"}
    agency = service.assess(subject=AGENCY, period=later).json()["id"]
    region = service.assess().json()["id"]
    for query, found in {
        "region=深圳市": [region],
        "region=440300": [region],
        "agency=省政数局": [agency],
        "agency=省政務服務數據管理局": [agency],
        "region=廣州市": [],
        "period_from=2022-07-01": [agency],
        "period_from=2022-06-30": [agency, region],
        "period_to=2022-06-30": [region],
        "period_from=2022-03-01&period_to=2022-03-02": [region],
        "sort=period": [region, agency],
        f"plan={PLAN}&state=in_force": [agency, region],
        "state=withdrawn": [],
        "changed_since=2026-03-01T16:30:01Z": [],
        f"id={agency}": [agency],
    }.items():
        assert ids(service, query) == found, query
    for wrong in ("agency=省政数", "region=深圳湾", "plan=x", "task=x", "period_from=2022"):
        assert service.client.get(f"{ASSESSMENTS}?{wrong}").status_code == 422, wrong


def test_assessments_walk_and_export_in_either_script(service: Service) -> None:
    for _ in range(3):
        service.assess(findings="=1+1", score={"value": 92.5, "maximum": 100})
    first = service.json(f"{ASSESSMENTS}?limit=2")
    rest = service.json(f"{ASSESSMENTS}?limit=2&cursor={first['page']['next']}")
    assert [row["id"] for row in first["data"] + rest["data"]] == [
        f"{PLAN}-a{number}" for number in (1, 2, 3)
    ]
    lines = service.client.get(f"{ASSESSMENTS}?format=csv").text.splitlines()
    assert lines[0].removeprefix("\ufeff").split(",")[:11] == [
        "id", "plan", "subject_kind", "subject_kind_label", "subject_id", "subject_name",
        "period_from", "period_to", "grade", "score_value", "score_maximum",
    ]  # fmt: skip
    assert lines[1].startswith(
        f"{PLAN}-a1,{PLAN},region,地区,440300,深圳市,2022-01-01,2022-06-30,试验优秀,92.5,100,'=1+1,"
    )
    assert len(service.client.get(f"{ASSESSMENTS}?format=ndjson").text.splitlines()) == 3
    assert service.client.get(f"{ASSESSMENTS}?format=xlsx").content.startswith(b"PK")
    converted = service.json(f"{ASSESSMENTS}?lang=zh-Hant&limit=1")["data"][0]
    assert (converted["grade"], converted["assessor"]) == ("試驗優秀", "試驗評估機構")
