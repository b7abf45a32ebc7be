"""Which history the feed counts in: after a restore, nobody goes on from a place that is no more."""

import json
import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from alembic import command
from httpx2 import Response
from sqlalchemy import delete, select, update
from starlette.testclient import TestClient

from app.__main__ import main
from app.db.engine import open_engine
from app.db.models import AuditLine, Change, ChangeAgency, Revision
from app.http.problem_schemas import HistoryChangedProblem
from app.projections.change_feed import mint_epoch, raise_revision
from tests.support import EPOCH, PLAN
from tests.support.databases import Databases
from tests.support.practice import Service, practising
from tests.support.upgrades import FROM_FIRST_TABLES, migrate

OTHER = "0123456789abcdef"
FEED = "/v1/changes"
ATOM = "{http://www.w3.org/2005/Atom}"
FORM = re.compile(r"[0-9a-f]{16}")


@pytest.fixture
def service(loaded_url: str) -> Iterator[Service]:
    with practising(loaded_url) as alive:
        yield alive


def new_epoch(service: Service) -> str:
    """As a restore mints it."""
    with service.session() as session:
        return mint_epoch(session, service.now)


def history_changed(response: Response, parameter: str) -> dict[str, Any]:
    """The problem, which says where to begin again."""
    assert response.status_code == 410, response.text
    problem: dict[str, Any] = response.json()
    HistoryChangedProblem.model_validate(problem, strict=True)
    assert problem["type"] == "/problems/history-changed"
    assert [one["name"] for one in problem["errors"]] == [parameter]
    return problem


def test_the_epoch_stands_wherever_a_mirror_begins(client: TestClient) -> None:
    assert client.get(FEED).json()["page"]["epoch"] == EPOCH
    assert client.get("/v1").json()["epoch"] == EPOCH
    download = f"/v1/plans/{PLAN}/download"
    assert client.get(download).json()["epoch"] == EPOCH
    first = client.get(f"{download}?format=ndjson").text.partition("\n")[0]
    assert json.loads(first)["document"]["epoch"] == EPOCH
    feed = fromstring(client.get("/v1/changes.atom?limit=1").content)  # noqa: S314 - our own
    [epoch] = feed.findall("{tag:work-plan-api.invalid,2026:changes}epoch")
    assert epoch.text == EPOCH


def test_after_the_head_there_is_another_history_and_at_the_head_nothing_yet(
    client: TestClient,
) -> None:
    head = client.get(FEED).json()["page"]["head"]
    for after in (0, 1, head):
        page = client.get(f"{FEED}?after={after}&epoch={EPOCH}&limit=1000").json()
        assert len(page["data"]) == head - after == page["page"]["total"]
        assert page["page"]["scanned_to"] == head
    for after in (head + 1, 999_999_999):
        problem = history_changed(client.get(f"{FEED}?after={after}"), "after")
        assert (problem["epoch"], problem["head"]) == (EPOCH, head)
        assert problem["download"] == "/v1/plans/{plan_id}/download"


def test_another_epoch_is_refused_wherever_it_stands(service: Service) -> None:
    cursor = service.json(f"{FEED}?limit=2")["page"]["next"]
    assert service.json(f"{FEED}?limit=2&epoch={EPOCH}&cursor={cursor}")["data"][0]["seq"] == 3
    problem = history_changed(service.client.get(f"{FEED}?epoch={OTHER}"), "epoch")
    assert problem["errors"][0]["allowed"] == [EPOCH]
    minted = new_epoch(service)
    assert FORM.fullmatch(minted)
    for query, parameter in {
        f"epoch={EPOCH}": "epoch",
        f"epoch={EPOCH}&after=999999999": "epoch",
        f"limit=2&cursor={cursor}": "cursor",
        f"limit=2&cursor={cursor}&epoch={minted}": "cursor",
    }.items():
        problem = history_changed(service.client.get(f"{FEED}?{query}"), parameter)
        assert problem["epoch"] == minted
        assert minted in service.client.get(problem["download"].format(plan_id=PLAN)).text
    assert service.json(f"{FEED}?epoch={minted}")["page"]["epoch"] == minted


def test_a_place_beyond_the_head_in_a_cursor_of_the_same_epoch_is_refused_too(
    service: Service,
) -> None:
    """As after a restore by other means that nobody has told the service of."""
    service.report()
    head = service.json(FEED)["page"]["head"]
    cursor = service.json(f"{FEED}?limit={head - 1}")["page"]["next"]
    with service.session() as session:
        session.execute(delete(ChangeAgency))
        session.execute(delete(Change).where(Change.seq > head - 2))
        raise_revision(session, service.now)
    response = service.client.get(f"{FEED}?limit={head - 1}&cursor={cursor}")
    assert history_changed(response, "cursor")["head"] == head - 2


def test_what_is_cached_belongs_to_its_epoch(service: Service) -> None:
    paths = (FEED, "/v1", f"/v1/plans/{PLAN}/download", "/v1/changes.atom", "/v1/tasks?leaf=true")
    before = {path: service.client.get(path).headers["etag"] for path in paths}
    new_epoch(service)
    for path, etag in before.items():
        response = service.client.get(path, headers={"If-None-Match": etag})
        assert response.status_code == (304 if "tasks" in path else 200), path
    assert service.json("/v1")["revision"] == 2


def test_a_running_worker_notices_that_an_earlier_state_was_restored(
    service: Service, databases: Databases
) -> None:
    """Though numbers of the data go back, and rise again to what they were."""
    tasks = "/v1/tasks?status=not_reported&limit=1"
    before = service.json(tasks)["page"]["total"]
    service.report()
    number = service.json("/v1")["revision"]
    assert service.json(tasks)["page"]["total"] == before - 1
    databases.restore(service.url)
    with service.session() as session:
        minted = mint_epoch(session, service.now)
        session.get_one(Revision, 1).number = number  # as after so many other writes
    assert service.json(tasks)["page"]["total"] == before
    assert service.json("/v1")["epoch"] == minted
    assert service.json(FEED)["page"]["epoch"] == minted


def names_of_the_last(service: Service) -> tuple[int, str, str]:
    """The change's number and the names that receivers and feed readers remember it by."""
    [delivery] = service.private("/v1/webhooks/webhook-1/deliveries?limit=1").json()["data"]
    path = "/v1/changes.atom?resource=report&limit=1"
    feed = fromstring(service.client.get(path).content)  # noqa: S314 - our own
    entry = feed.findtext(f"{ATOM}entry/{ATOM}id")
    assert entry
    return delivery["seq"], delivery["id"], entry


def test_what_has_the_same_number_after_a_restore_has_another_name(
    service: Service, databases: Databases
) -> None:
    events = {"events": ["report.created"]}
    service.subscribe(**events)
    service.report()
    before = names_of_the_last(service)
    assert names_of_the_last(service) == before
    databases.restore(service.url)
    service.keys.clear()  # they are gone, too
    minted = new_epoch(service)
    service.subscribe(**events)
    service.report()
    after = names_of_the_last(service)
    assert after[0] == before[0]
    assert after[1] != before[1]
    assert after[2] != before[2]
    new_epoch(service)
    assert names_of_the_last(service) == after  # it is the same change
    assert minted in after[1]


def test_what_was_queued_before_epochs_were_noted_keeps_its_names(service: Service) -> None:
    service.subscribe(events=["report.created", "report.updated"])
    report = service.report().json()["id"]
    with service.session() as session:
        session.execute(update(Change).values(epoch=None))
    seq, delivery, entry = names_of_the_last(service)
    assert delivery == f"webhook-1-{seq}"
    assert entry == f"tag:work-plan-api.invalid,2026:changes/report/{report}/1"
    service.post(f"/v1/reports/{report}/withdrawal", {"reason": "试验"}, "coordinator")
    later = service.private("/v1/webhooks/webhook-1/deliveries").json()["data"][0]
    assert later["id"] == f"webhook-1-{EPOCH}-{later['seq']}"
    assert later["waits_for"] == delivery


def test_the_command_mints_one_and_leaves_a_line(
    service: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORKPLAN_DATABASE_URL", service.url)
    assert main(["epoch", "new"]) == 0
    minted = capsys.readouterr().out.strip()
    assert FORM.fullmatch(minted)
    assert minted != EPOCH
    assert service.json("/v1")["epoch"] == minted
    with service.session() as session:
        lines = session.scalars(select(AuditLine.line).order_by(AuditLine.seq.desc())).all()
        assert json.loads(lines[0])["operation"] == f"epoch.new {minted}"


def test_an_upgrade_mints_one_and_leaves_the_revision_as_it_was(databases: Databases) -> None:
    with databases.copy(FROM_FIRST_TABLES) as url:
        engine = open_engine(url)
        with engine.begin() as connection:
            one = connection.execute(select(*Revision.__table__.columns)).one()
        migrate(url, "0010", command.downgrade)
        migrate(url, "head")
        with engine.begin() as connection:
            other = connection.execute(select(*Revision.__table__.columns)).one()
        engine.dispose()
    assert one[:3] == other[:3]
    assert one.number == 1
    assert FORM.fullmatch(one.epoch)
    assert len({EPOCH, one.epoch, other.epoch}) == 3
