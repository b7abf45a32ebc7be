"""Reports: what an agency says of its tasks, and what follows from it."""

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.cli.commands import grant_delegation
from app.projections import documents
from seed.load import load
from seed.notice_files import ReadNotice
from seed.registry import Registry
from tests.support import PLAN
from tests.support.databases import Databases
from tests.support.notices import corrected
from tests.support.practice import LEAD, NOW, REPORTS, TASK, Service, a_report, practising


@pytest.fixture
def service(loaded_url: str) -> Iterator[Service]:
    with practising(loaded_url) as alive:
        yield alive


@pytest.fixture(scope="module")
def refusing(databases: Databases) -> Iterator[Service]:
    """For requests that store nothing."""
    with databases.loaded() as url, practising(url) as alive:
        yield alive


def progress(service: Service, task: str = TASK) -> Any:
    return service.json(f"/v1/tasks/{task}")["progress"]


def test_a_report_is_stored_as_it_came_and_can_be_read_at_once(service: Service) -> None:
    summary = "试验：第一行。\n第二行，带“引号”、emoji 🏛 和 𠮷。"
    link = {"url": "https://www.example.gov.cn/a%E7%9C%81", "title": "公告"}
    answer = service.report(summary=summary, evidence=[link])
    assert answer.status_code == 201
    report = answer.json()
    assert report["summary"] == summary
    assert report["evidence"] == [link]
    assert report["agency"] == {"id": LEAD, "name": "省政务服务数据管理局"}
    assert report["role"] == "lead"
    assert report["recorded_at"] == "2026-03-01T16:30:00Z"
    assert answer.headers["location"] == f"/v1/reports/{report['id']}"
    read = service.client.get(answer.headers["location"], headers={"Accept-Encoding": "identity"})
    assert read.json() == report
    assert read.headers["etag"] == answer.headers["etag"]
    assert service.json(REPORTS)["data"] == [report]
    assert service.json("/v1/reports?agency=省政数局&state=in_force")["data"] == [report]


def test_progress_is_computed_and_filtered_by(service: Service) -> None:
    assert progress(service)["status"] == "not_reported"
    assert TASK not in [t["id"] for t in service.json("/v1/tasks?status=on_track")["data"]]
    service.report()
    assert progress(service) == {
        "status": "on_track", "status_label": "正常推进", "reported_on": "2022-06-30",
    }  # fmt: skip
    assert [t["id"] for t in service.json("/v1/tasks?status=on_track")["data"]] == [TASK]
    service.report(as_of="2022-05-31", status="delayed")  # later told, of an earlier day
    assert progress(service)["status"] == "on_track"
    service.report(as_of="2022-09-30", status="at_risk")
    assert progress(service)["status"] == "at_risk"


def test_a_correction_is_a_new_report_and_the_old_one_stays(service: Service) -> None:
    first = service.report(status="completed").json()["id"]
    second = service.report(status="delayed", replaces=first, reason="试验：误报。").json()
    assert second["replaces"] == first
    old = service.json(f"/v1/reports/{first}")
    assert (old["state"], old["replaced_by"]) == ("replaced", second["id"])
    assert old["status"] == "completed"
    assert progress(service)["status"] == "delayed"
    again = service.report(status="on_track", replaces=first)
    assert again.status_code == 409
    assert "现行有效" in again.json()["detail"]


def test_a_withdrawn_report_stays_and_does_not_count(service: Service) -> None:
    first = service.report().json()["id"]
    second = service.report(as_of="2022-07-31", status="completed").json()["id"]
    path = f"/v1/reports/{second}/withdrawal"
    answer = service.post(path, {"reason": "试验：误报。"}, "coordinator")
    assert answer.status_code == 201
    assert answer.json()["state"] == "withdrawn"
    withdrawal = answer.json()["withdrawal"]
    assert withdrawal["reason"] == "试验：误报。"
    assert withdrawal["withdrawn_at"].startswith("2026-03-01T16:30:00")
    assert progress(service) == {
        "status": "on_track", "status_label": "正常推进", "reported_on": "2022-06-30",
    }  # fmt: skip
    assert service.post(path, {"reason": "再次"}, "coordinator").status_code == 409
    service.post(f"/v1/reports/{first}/withdrawal", {"reason": "试验"}, "coordinator")
    assert progress(service)["status"] == "not_reported"
    assert {r["state"] for r in service.json(REPORTS)["data"]} == {"withdrawn"}
    # The day is free again, and so is going on from there.
    assert service.report(as_of="2022-07-31").status_code == 201


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"as_of": "2026-03-03"}, "as_of"),
        ({"as_of": "2022-02-30"}, "as_of"),
        ({"as_of": 1656547200}, "as_of"),
        ({"as_of": "2022-06-30T00:00:00Z"}, "as_of"),
        ({"status": "not_reported"}, "status"),
        ({"status": "done"}, "status"),
        ({"status": None}, "status"),
        ({"summary": ""}, "summary"),
        ({"summary": " \n\u3000"}, "summary"),
        ({"summary": "a\x00b"}, "summary"),
        ({"summary": "a\u202eb"}, "summary"),
        ({"summary": "字" * 4001}, "summary"),
        ({"summary": 1}, "summary"),
        ({"summary": None}, "summary"),
        ({"evidence": {}}, "evidence"),
        ({"evidence": [{"url": "http://a.example"}]}, "evidence.0.url"),
        ({"evidence": [{"url": "https://"}]}, "evidence.0.url"),
        ({"evidence": [{"url": "https://u:p@a.example/"}]}, "evidence.0.url"),
        ({"evidence": [{"url": "javascript:alert(1)"}]}, "evidence.0.url"),
        ({"evidence": [{"url": "https://省.example/"}]}, "evidence.0.url"),
        ({"evidence": [{"url": "https://a.example"}] * 21}, "evidence"),
        ({"replaces": "gd-dg-2022-t17.2-r9"}, "replaces"),
        ({"replaces": "\x00"}, "replaces"),
        ({"agency": "gd-public-security"}, "agency"),
        ({"id": "x"}, "id"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_stored(
    refusing: Service, changes: dict[str, Any], name: str
) -> None:
    answer = refusing.report(**changes)
    assert answer.status_code == 422
    assert [error["name"] for error in answer.json()["errors"]] == [name]
    assert {error["in"] for error in answer.json()["errors"]} == {"body"}
    assert refusing.json("/v1/reports")["data"] == []
    assert progress(refusing)["status"] == "not_reported"


def test_today_is_today_in_china(service: Service) -> None:
    assert service.report(as_of="2026-03-02").status_code == 201
    assert service.report(as_of="2026-03-03").status_code == 422


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b"nul", b"\xef\xbb\xbf{}", b"\xff\xfe{\x00}\x00", b'{"status": NaN}', b"\xc0\x80",
        b'{"status": Infinity}', b'{"as_of": 1, "as_of": 2}', b"[" * 60_000, b'{"a":' * 33 + b"1" + b"}" * 33,
        b'{"a": ' + b"9" * 5000 + b"}", b'{"a": 0.' + b"1" * 5000 + b"}",
    ],
)  # fmt: skip
def test_what_is_no_strict_json_is_400(refusing: Service, raw: bytes) -> None:
    headers = {
        "Authorization": f"Bearer {refusing.key()}",
        "Idempotency-Key": "x",
        "Content-Type": "application/json",
    }
    answer = refusing.client.post(REPORTS, content=raw, headers=headers)
    assert answer.status_code == 400, answer.text
    assert answer.json()["detail"] == "请求内容无法解析；errors 说明应当如何。"  # not of the URL
    assert answer.json()["errors"][0]["in"] == "body"


@pytest.mark.parametrize("ends", [True, False], ids=["the client ends", "nothing comes"])
def test_a_body_that_does_not_arrive_is_400(
    refusing: Service, monkeypatch: pytest.MonkeyPatch, ends: bool
) -> None:
    monkeypatch.setattr("app.routing.LONGEST_BODY", 0.01)
    key = f"Bearer {refusing.key()}".encode()
    headers = [(b"host", b"x"), (b"authorization", key), (b"idempotency-key", b"x")]
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": REPORTS,
        "raw_path": REPORTS.encode(),
        "query_string": b"",
        "headers": [*headers, (b"content-type", b"application/json")],
        "client": ("192.0.2.7", 1),
        "server": ("x", 80),
    }
    come: list[Any] = [{"type": "http.request", "body": b"{", "more_body": True}]
    sent: list[Any] = []

    async def receive() -> Any:
        if not come and not ends:
            await asyncio.Event().wait()
        return come.pop() if come else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    portal = refusing.client.portal
    assert portal
    portal.call(refusing.app, scope, receive, send)
    assert sent[0]["status"] == 400
    problem = json.loads(sent[1]["body"])
    assert problem["detail"] == "请求内容无法解析；errors 说明应当如何。"
    assert problem["errors"][0]["message"] == "请求内容未在 10 秒内完整到达。"


@pytest.mark.parametrize("raw", [b"[]", b"1", b"null", b'"a"', b"{}", b'{"summary": "\\ud800"}',
                                 b'{"\\ud800\\u202e": 1}'])  # fmt: skip
def test_json_that_is_no_report_is_422(refusing: Service, raw: bytes) -> None:
    headers = {
        "Authorization": f"Bearer {refusing.key()}",
        "Idempotency-Key": "x",
        "Content-Type": "application/json",
    }
    answer = refusing.client.post(REPORTS, content=raw, headers=headers)
    assert answer.status_code == 422, answer.text


def test_other_media_types_and_sizes_are_refused(service: Service) -> None:
    assert service.post(REPORTS, a_report(), Content_Type="text/plain").status_code == 415
    assert service.report(summary="字" * 30_000).status_code == 413
    assert service.post(REPORTS, a_report(), Accept="text/html").status_code == 201
    assert service.post(f"{REPORTS}?agency=x", a_report()).status_code == 422


def test_there_is_one_report_a_day_and_agency(service: Service) -> None:
    first = service.report().json()["id"]
    refused = service.report(summary="又一份")
    assert refused.status_code == 409
    assert first in refused.json()["detail"]
    assert service.report(summary="更正", replaces=first).status_code == 201


def test_going_back_from_completed_needs_a_reason(service: Service) -> None:
    service.report(status="completed")
    refused = service.report(as_of="2022-07-31", status="on_track")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["name"] == "reason"
    assert service.report(as_of="2022-05-31", status="on_track").status_code == 201
    assert service.report(as_of="2022-07-31", status="on_track", reason="返工").status_code == 201


def test_an_agency_reports_only_on_its_own_tasks(service: Service) -> None:
    foreign = service.post("/v1/tasks/gd-dg-2022-t15.4/reports", a_report())
    assert foreign.status_code == 403
    mine = service.post("/v1/tasks/gd-dg-2022-t15.4/reports", a_report(), agency="gd-energy")
    assert mine.status_code == 201
    unknown = service.post("/v1/tasks/gd-dg-2022-t99/reports", a_report())
    assert unknown.status_code == 404
    replacing = service.report(replaces=mine.json()["id"])
    assert replacing.status_code == 422


def test_a_collective_speaks_only_through_whom_an_admin_has_named(service: Service) -> None:
    path = "/v1/tasks/gd-dg-2022-t26/reports"  # 省有关部门
    assert service.post(path, a_report()).status_code == 403
    with service.session() as session:
        grant_delegation(session, "gd-relevant-departments", LEAD, NOW)
    answer = service.post(path, a_report())
    assert answer.status_code == 201
    assert answer.json()["agency"]["id"] == LEAD  # never the collective


def test_every_document_is_what_a_rebuild_makes(
    service: Service, registry: Registry, notice: ReadNotice
) -> None:
    first = service.report().json()["id"]
    service.report(as_of="2022-07-31", status="delayed", replaces=first)
    service.post(f"/v1/reports/{first}/withdrawal", {"reason": "试验"}, "coordinator")
    with service.session() as session:
        before = list(documents.stored_documents(session))
        documents.refresh(session, PLAN, NOW + timedelta(days=1))
        assert list(documents.stored_documents(session)) == before


def test_loading_again_leaves_reports_and_progress(
    service: Service, registry: Registry, notice: ReadNotice
) -> None:
    service.report()
    before = service.json(REPORTS), progress(service)
    with service.session() as session:
        engine = session.get_bind()
        load(engine, registry, [corrected(notice)], NOW + timedelta(days=1))  # type: ignore[arg-type]
    assert (service.json(REPORTS), progress(service)) == before
    gone = service.post("/v1/tasks/gd-dg-2022-t30/reports", a_report())
    assert gone.status_code == 410


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE report SET summary = 'x'",
        "UPDATE report SET as_of = '2022-01-01'",
        "DELETE FROM report",
        "UPDATE audit_line SET line = 'x'",
        "DELETE FROM audit_line",
    ],
)
def test_the_database_refuses_to_change_what_was_said(service: Service, change: str) -> None:
    service.report()
    with pytest.raises(DBAPIError, match="only added"), service.session() as session:
        session.execute(text(change))
    with service.session() as session:  # what is computed may change
        session.execute(text("UPDATE report SET version = version + 1"))


def test_the_feed_tells_of_the_report_and_of_its_task(service: Service) -> None:
    last = service.json("/v1/changes?limit=1")["page"]["total"]
    made = service.report().json()["id"]
    told = service.json(f"/v1/changes?after={last}")["data"]
    assert {(c["op"], c["resource"], c["id"]) for c in told} == {
        ("created", "report", made), ("updated", "task", TASK),
    }  # fmt: skip
    for change in told:
        place = "reports" if change["resource"] == "report" else "tasks"
        read = service.client.get(
            f"/v1/{place}/{change['id']}", headers={"Accept-Encoding": "identity"}
        )
        assert read.headers["etag"] == change["etag"]


def test_reports_walk_filter_and_export(service: Service) -> None:
    days = [f"2022-{month:02}-15" for month in range(1, 10)]
    for day in days:
        service.report(as_of=day, summary="=1+1")
    seen, path = [], "/v1/reports?limit=2"
    while path:
        page = service.json(path)
        seen += [row["as_of"] for row in page["data"]]
        path = page["page"]["next"] and f"/v1/reports?limit=2&cursor={page['page']['next']}"
    assert seen == days
    some = service.json("/v1/reports?as_of_from=2022-03-15&as_of_to=2022-05-15&sort=-as_of")
    assert [row["as_of"] for row in some["data"]] == ["2022-05-15", "2022-04-15", "2022-03-15"]
    assert service.client.get(f"/v1/reports?task={TASK}x").status_code == 422
    assert service.client.get("/v1/tasks/nothing/reports").status_code == 404
    lines = service.client.get("/v1/reports?format=csv").text.splitlines()
    assert len(lines) == 10
    assert "'=1+1" in lines[1]
    assert service.client.get(f"{REPORTS}?lang=zh-Hant&limit=1").json()["data"][0][
        "status_label"
    ] == "正常推進"  # fmt: skip


def test_a_report_leaves_the_text_index_alone(service: Service, statements: list[str]) -> None:
    assert service.report().status_code == 201
    statements.clear()
    assert service.report(as_of="2022-07-31").status_code == 201
    assert not [one for one in statements if "search_" in one]  # it changes no text of the task


def test_a_report_costs_a_fixed_number_of_statements(
    service: Service, statements: list[str]
) -> None:
    """What a statement costs in Python is most of the time of a write."""
    service.report()
    statements.clear()
    assert service.report(as_of="2022-07-31").status_code == 201
    assert len(statements) <= 26, statements


def test_a_write_locks_no_row_before_it_holds_the_lock_of_writers(
    on_postgresql: Databases, statements: list[str]
) -> None:
    """A command of an operator holds that lock and waits for rows: both would wait for each other."""
    with on_postgresql.loaded() as url, practising(url) as service:
        service.report()
        statements.clear()
        assert service.report(as_of="2022-07-31").status_code == 201
    locking = [s for s in statements if s.startswith(("INSERT", "UPDATE")) or "_lock(" in s]
    assert "_lock(" in locking[0], locking[0]
