"""What documents were before: numbered versions, past days, and their storage."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError
from starlette.testclient import TestClient

from app.cli.backup_state import state_of
from app.db.engine import open_engine
from app.db.models import DocumentVersion
from app.http.etags import entity_tag
from app.kinds import KINDS
from app.kinds.task import TASK as TASK_KIND
from app.projections.json_text import as_json
from app.projections.plan_contents import PLAN_CONTENTS, contents_of
from app.projections.versions import WHOLE_EVERY
from app.reading.cursors import write_cursor
from seed.load import load
from seed.notice_files import ReadNotice
from seed.registry import Registry
from tests.support import PLAN
from tests.support.databases import Databases
from tests.support.notices import corrected
from tests.support.practice import TASK, Service, practising
from tests.support.statements import selects

LOADED, BEFORE_LOADING = "2026-01-02", "2026-01-01"
ONE_DAY = timedelta(days=1)
IMMUTABLE = "public, max-age=31536000, immutable"


DOWNLOAD = f"/v1/plans/{PLAN}/download"
Days = dict[str, dict[str, Any]]  # day → path → what the service served at the end of the day


@pytest.fixture
def service(loaded_url: str) -> Iterator[Service]:
    with practising(loaded_url) as alive:
        yield alive


def test_each_version_is_listed_newest_first_with_its_cause(service: Service) -> None:
    service.report()
    service.now += ONE_DAY
    service.report(as_of="2022-07-31", status="delayed")
    versions = service.json(f"/v1/tasks/{TASK}/versions")["data"]
    assert [(one["version"], one["cause"], one["changed"]) for one in versions] == [
        (3, "practice", ["progress"]),
        (2, "practice", ["progress"]),
        (1, "reading", []),
    ]
    assert versions[0]["cause_label"] == "填报"
    feed = service.json("/v1/changes?resource=task&limit=1000")["data"]
    of_task = [one for one in reversed(feed) if one["id"] == TASK]
    same = ("version", "at", "changed", "etag")
    assert [{k: one[k] for k in same} for one in versions] == [
        {k: one[k] for k in same} for one in of_task
    ]


def test_a_list_of_versions_is_walked_page_by_page(service: Service) -> None:
    for day in range(1, 5):
        service.report(as_of=f"2022-06-0{day}")
    place = f"/v1/tasks/{TASK}/versions?limit=2"
    assert [one["version"] for one in service.rows(place)] == [5, 4, 3, 2, 1]
    page = service.json(place)["page"]
    assert (page["total"], page["missing"]) == (5, [])
    other = service.client.get(f"/v1/tasks/gd-dg-2022-t1/versions?cursor={page['next']}")
    assert other.json()["type"] == "/problems/invalid-cursor"


def history(service: Service, registry: Registry, notice: ReadNotice) -> Days:
    """Everything that changes documents, a day apart; task 30 is withdrawn for two days."""
    served: Days = {}

    def end_of_day() -> None:
        paths = [f"{kind.path}?limit=1000" for kind in KINDS]
        documents = {
            f"{kind.path}/{one['id']}": one
            for kind, path in zip(KINDS, paths, strict=True)
            for one in service.json(path)["data"]
        }
        download = service.json(DOWNLOAD)
        day = (service.now + timedelta(hours=8)).date().isoformat()
        served[day] = {**documents, DOWNLOAD: download}
        service.now += ONE_DAY

    def read_again(read: ReadNotice) -> None:
        engine = open_engine(service.url)
        load(engine, registry, [read], service.now)
        engine.dispose()

    end_of_day()
    service.one_of_each()
    end_of_day()
    restored = notice.restored
    other = replace(restored, text=restored.text + "。", corrections=restored.corrections[1:])
    read_again(replace(corrected(notice, title="另一标题"), restored=other))
    service.report(as_of="2022-07-31", status="delayed")
    end_of_day()
    service.post("/v1/reports/gd-dg-2022-t17.2-r1/withdrawal", {"reason": "试验"}, "coordinator")
    end_of_day()
    read_again(notice)
    for day in range(1, WHOLE_EVERY + 3):
        service.report(as_of=f"2021-{1 + day // 28:02}-{1 + day % 28:02}")
    end_of_day()
    end_of_day()
    return served


@pytest.fixture(scope="module")
def lived(
    databases: Databases, registry: Registry, notice: ReadNotice
) -> Iterator[tuple[Service, Days]]:
    """A service after some days, which tests read."""
    with databases.loaded() as url, practising(url) as alive:
        yield alive, history(alive, registry, notice)


def test_a_past_day_is_what_the_service_served_at_its_end(lived: tuple[Service, Days]) -> None:
    """The download, and of each kind a document that was not the same all the time."""
    service, served = lived
    for day, documents in served.items():
        download = documents[DOWNLOAD]
        past = service.json(f"{DOWNLOAD}?at={day}")
        assert past["seq"] <= download["seq"]
        assert {**past, "seq": 0} == {**download, "seq": 0}
    everything = {path for documents in served.values() for path in documents} - {DOWNLOAD}
    changed = {
        path
        for path in everything
        if len({json.dumps(documents.get(path)) for documents in served.values()}) > 1
    }
    one_of_each = {path.split("/")[2]: path for path in sorted(changed)}
    assert one_of_each.keys() == {kind.path.split("/")[2] for kind in KINDS}
    for path in {*one_of_each.values(), f"/v1/tasks/{TASK}", "/v1/tasks/gd-dg-2022-t30"}:
        for day, documents in served.items():
            answer = service.client.get(f"{path}?at={day}")
            if path in documents:
                assert answer.json() == documents[path], (path, day)
                assert answer.headers["cache-control"] == IMMUTABLE
            else:
                assert answer.status_code in (404, 410), (path, day)
        for version in service.json(f"{path}/versions")["data"]:
            answer = service.client.get(f"{path}/versions/{version['version']}")
            if version["etag"] is None:
                assert answer.status_code == 410
            else:
                assert entity_tag(answer.content) == version["etag"]


def at(service: Service, path: str, day: str) -> tuple[int, Any]:
    answer = service.client.get(f"{path}?at={day}")
    return answer.status_code, answer.json()


@pytest.mark.parametrize("number", [0, -1, 2**53, -(2**53)])
def test_a_cursor_with_any_number_gives_a_page(client: TestClient, number: int) -> None:
    path = f"/v1/tasks/{TASK}/versions"
    cursor = write_cursor([number], json.dumps([path, []]).encode())
    assert client.get(f"{path}?cursor={cursor}").status_code == 200


@pytest.mark.parametrize(
    ("day", "status"),
    [("0001-01-01", 404), ("9999-12-31", 422), ("2026-02-30", 422), ("2026-3-1", 422), ("", 422)],
)
def test_any_day_is_answered(client: TestClient, day: str, status: int) -> None:
    for path in (f"/v1/tasks/{TASK}", DOWNLOAD):
        assert client.get(f"{path}?at={day}").status_code == status


def test_a_day_is_that_of_china_and_ends_there(service: Service) -> None:
    """It is 2 March there, and half past midnight."""
    path = f"/v1/tasks/{TASK}"
    service.now = datetime(2026, 3, 2, 15, 59, 59, tzinfo=UTC)
    before = service.json(path)
    service.report()
    service.now += timedelta(seconds=2)
    after = service.json(path)
    service.report(as_of="2022-07-31", status="delayed")
    assert at(service, path, "2026-03-01") == (200, before)
    assert at(service, path, "2026-03-02") == (200, after)
    assert at(service, path, "2026-03-03") == (200, service.json(path))


def test_today_is_the_state_now_and_tomorrow_is_not_known(service: Service) -> None:
    path = f"/v1/tasks/{TASK}"
    for days in (1, 2):
        today = f"2026-03-0{1 + days}"
        now = service.client.get(f"{path}?at={today}")
        assert now.json() == service.json(path)
        assert now.headers["cache-control"].startswith("public, max-age=60,")
        download = service.client.get(f"{DOWNLOAD}?at={today}")
        assert download.json() == service.json(DOWNLOAD)
        assert "immutable" not in download.headers["cache-control"]
        for place in (path, DOWNLOAD):
            status, problem = at(service, place, f"2026-03-0{2 + days}")
            assert status == 422
            (error,) = problem["errors"]
            assert (error["in"], error["name"]) == ("query", "at")
            assert today in error["message"]
        service.now += ONE_DAY  # nothing is written, and today is a past day then
    assert service.client.get(f"{path}?at={today}").headers["cache-control"] == IMMUTABLE


def test_a_day_before_it_was_loaded_says_when_it_was_first_held(service: Service) -> None:
    created = service.report().headers["Location"]
    service.now += ONE_DAY
    for path, day, first in (
        (f"/v1/tasks/{TASK}", BEFORE_LOADING, LOADED),
        (DOWNLOAD, BEFORE_LOADING, LOADED),
        (created, "2026-03-01", "2026-03-02"),
    ):
        status, problem = at(service, path, day)
        assert (status, problem["type"]) == (404, "/problems/not-found")
        assert first in problem["detail"]
        assert day in problem["detail"]
    assert at(service, "/v1/tasks/no-such-task", LOADED)[1]["detail"].startswith("没有这个编号")


def test_what_was_withdrawn_is_gone_those_days_and_its_versions_stay(
    lived: tuple[Service, Days],
) -> None:
    service, served = lived
    path = "/v1/tasks/gd-dg-2022-t30"
    statuses = [at(service, path, day)[0] for day in served]
    assert statuses == [200, 200, 410, 410, 200, 200]
    versions = service.json(f"{path}/versions")["data"]
    assert [(one["version"], one["etag"] is None) for one in versions] == [
        (3, False),
        (2, True),
        (1, False),
    ]
    assert service.client.get(f"{path}/versions/2").status_code == 410
    assert service.json(f"{path}/versions/1") == next(iter(served.values()))[path]
    assert service.client.get(f"{path}/versions/4").status_code == 404
    assert service.client.get(f"{path}/versions/x").status_code == 422
    assert service.client.get("/v1/tasks/no-such-task/versions").status_code == 404


def test_a_version_is_shown_in_todays_shape(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A release that renames a member and adds one: what was recorded before has both."""
    service.report()

    def renamed(task: dict[str, Any]) -> dict[str, Any]:
        return {**{("name" if k == "title" else k): v for k, v in task.items()}, "is_new": True}

    before = service.json(f"/v1/tasks/{TASK}/versions/1")
    with monkeypatch.context() as patched:
        patched.setitem(vars(TASK_KIND), "upgrades", (renamed,))
        service.report(as_of="2022-07-31", status="delayed")
        first, recorded = (service.json(f"/v1/tasks/{TASK}/versions/{n}") for n in (1, 3))
    assert (first["name"], first["is_new"], first["version"]) == (before["title"], True, 1)
    assert "is_new" not in recorded  # it was recorded in that shape


def test_a_past_download_has_no_part_that_its_release_did_not_know(service: Service) -> None:
    with service.session() as session:
        contents = contents_of(session, PLAN)
        del contents["platforms"]
        row = session.execute(
            select(*DocumentVersion.__table__.columns).where(
                DocumentVersion.resource == PLAN_CONTENTS
            )
        ).one()
        later = {"version": 2, "at": service.now, "is_whole": True, "before": as_json(contents)}
        session.execute(insert(DocumentVersion), [{**row._mapping, **later}])
    past = service.json(f"{DOWNLOAD}?at={LOADED}")
    assert past["platforms"] == []
    assert {**past, "platforms": 0, "seq": 0} == {
        **service.json(DOWNLOAD), "platforms": 0, "seq": 0}  # fmt: skip


def test_a_backup_states_the_versions_that_it_has(service: Service) -> None:
    with service.session() as session:
        before = state_of(session.connection())["documents_sha256"]
        row = session.execute(select(*DocumentVersion.__table__.columns).limit(1)).one()
        session.execute(insert(DocumentVersion), [{**row._mapping, "version": 999}])
        assert state_of(session.connection())["documents_sha256"] != before


def test_rows_of_versions_are_only_added(service: Service) -> None:
    for statement in (update(DocumentVersion).values(before="{}"), delete(DocumentVersion)):
        with pytest.raises(DBAPIError, match="only added"), service.session() as session:
            session.execute(statement)


def test_reads_of_a_document_with_many_versions_cost_no_more(
    service: Service, statements: list[str]
) -> None:
    """One statement for a document, and no reading of its versions; of a past day two, 33 rows."""
    with service.session() as session:
        row = session.execute(
            select(*DocumentVersion.__table__.columns).where(DocumentVersion.id == TASK)
        ).one()
        many = [
            {**row._mapping, "version": n, "before": '{"title":"旧"}', "changed": ["title"],
             "is_whole": n % WHOLE_EVERY == 0}
            for n in range(2, 202)
        ]  # fmt: skip
        session.execute(insert(DocumentVersion), many)
        assert session.scalar(select(func.count()).where(DocumentVersion.id == TASK)) == 201
    for path, most in (
        (f"/v1/tasks/{TASK}", 1),
        ("/v1/tasks?limit=1000", 1),
        ("/v1/changes?limit=1000", 2),
    ):
        statements.clear()
        service.json(path)
        assert selects(statements) <= most, path
        assert not any("document_version" in one for one in statements)
    statements.clear()
    assert service.json(f"/v1/tasks/{TASK}/versions/2")["title"] == "旧"
    assert selects(statements) == 2
