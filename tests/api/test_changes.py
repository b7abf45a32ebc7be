"""The change feed: every change once, in order, without gaps; a mirror misses nothing."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from app.db.engine import open_engine
from app.db.models import Change
from app.main import create_app
from app.settings import Settings
from seed.load import load
from seed.notice_files import ReadNotice
from seed.registry import Registry
from tests.support import EPOCH, LATER, PLAN
from tests.support.databases import Databases
from tests.support.notices import corrected
from tests.support.upgrades import FROM_FIRST_TABLES

PATHS = {
    "plan": "plans",
    "section": "sections",
    "task": "tasks",
    "agency": "agencies",
    "target": "targets",
    "platform": "platforms",
    "jurisdiction": "jurisdictions",
}


def feed(client: TestClient, query: str = "") -> list[dict[str, Any]]:
    """The whole feed after a number, by small pages."""
    found: list[dict[str, Any]] = []
    page, cursor = {"next": ""}, ""
    for _ in range(1000):
        page = client.get(f"/v1/changes?limit=50{query}{cursor}").json()
        found += page["data"]
        if page["page"]["next"] is None:
            return found
        cursor = f"&cursor={page['page']['next']}"
    pytest.fail("the walk has no end")


def test_the_feed_tells_of_every_resource_as_it_is_served(client: TestClient) -> None:
    changes = feed(client)
    assert [change["seq"] for change in changes] == list(range(1, len(changes) + 1))
    assert {(change["op"], change["version"]) for change in changes} == {("created", 1)}
    listed = {
        (resource, row["id"])
        for resource, path in PATHS.items()
        for row in client.get(f"/v1/{path}?limit=1000").json()["data"]
    }
    assert {(change["resource"], change["id"]) for change in changes} == listed
    for change in changes[::9]:
        alone = client.get(
            f"/v1/{PATHS[change['resource']]}/{change['id']}",
            headers={"Accept-Encoding": "identity"},
        )
        assert alone.headers["etag"] == change["etag"]


def test_after_and_total_count_from_a_number(client: TestClient) -> None:
    last = feed(client)[-1]["seq"]
    some = client.get(f"/v1/changes?after={last - 3}").json()
    assert [change["seq"] for change in some["data"]] == [last - 2, last - 1, last]
    assert some["page"]["total"] == 3
    none = client.get(f"/v1/changes?after={last}").json()
    assert none["data"] == []
    assert none["page"] == {
        "limit": 100, "total": 0, "next": None, "head": last, "epoch": EPOCH, "scanned_to": last,
    }  # fmt: skip


@pytest.mark.parametrize("query", ["after=-1", "after=x", "after=1e3", "after=１", "since=1",
                                   "after=99999999999999999999", "cursor=x", "limit=0",
                                   "epoch=", "epoch=5F3A9C1E0B7D2486", "epoch=5f3a9c1e0b7d248",
                                   "epoch=5f3a9c1e0b7d2486&epoch=5f3a9c1e0b7d2486",
                                   "epoch=5f3a9c1e0b7d2486%0A", "epoch=５f3a9c1e0b7d2486"])  # fmt: skip
def test_what_is_no_place_in_the_feed_is_refused(client: TestClient, query: str) -> None:
    assert client.get(f"/v1/changes?{query}").status_code == 422


def test_a_mirror_that_follows_equals_the_origin(
    loaded_url: str, registry: Registry, notice: ReadNotice
) -> None:
    engine = open_engine(loaded_url)
    with TestClient(create_app(Settings(database_url=loaded_url))) as client:
        lines = client.get(f"/v1/plans/{PLAN}/download?format=ndjson").text.splitlines()
        first, *rest = [json.loads(line) for line in lines]
        mirror = {
            (line["resource"], line["document"]["id"]): line["document"]
            for line in rest
            if line["resource"] != "text"
        }
        seq = first["document"]["seq"]
        assert feed(client, f"&after={seq}") == []
        load(engine, registry, [corrected(notice, title="另一标题")], LATER)
        load(engine, registry, [notice], LATER + timedelta(days=1))
        load(engine, registry, [notice], LATER + timedelta(days=2))  # nothing new
        load(engine, registry, [corrected(notice, title="又一")], LATER + timedelta(days=3))
        changes = feed(client, f"&after={seq}")
        assert [change["seq"] for change in changes] == [*range(seq + 1, seq + 1 + len(changes))]
        gone = [change for change in changes if change["op"] == "withdrawn"]
        assert [(g["id"], g["version"], g["etag"]) for g in gone] == [
            ("gd-dg-2022-t30", 2, None),
            ("gd-dg-2022-t30", 4, None),
        ]
        for change in changes:
            key = change["resource"], change["id"]
            if change["op"] == "withdrawn":
                mirror.pop(key, None)
            else:
                answer = client.get(f"/v1/{PATHS[key[0]]}/{key[1]}")
                if answer.status_code == 200:
                    mirror[key] = answer.json()
        origin = {
            (resource, row["id"]): row
            for resource, path in PATHS.items()
            for row in client.get(f"/v1/{path}?limit=1000").json()["data"]
        }
        assert mirror == origin
    engine.dispose()


def test_what_was_loaded_before_there_was_a_feed_is_told_by_the_migration(
    databases: Databases, database_url: str
) -> None:
    columns = (Change.resource, Change.id, Change.version, Change.etag, Change.at, Change.op)

    def told(url: str) -> set[Any]:
        engine = open_engine(url)
        with engine.connect() as connection:
            found = {tuple(row) for row in connection.execute(select(*columns))}
        engine.dispose()
        return found

    with databases.copy(FROM_FIRST_TABLES) as url:
        by_migration = told(url)
    # Governments are younger than the feed.
    assert by_migration == {row for row in told(database_url) if row[0] != "jurisdiction"}


def test_a_total_that_is_kept_is_counted_anew_after_a_write(
    loaded_url: str, registry: Registry, notice: ReadNotice
) -> None:
    engine = open_engine(loaded_url)
    path = "/v1/tasks?leaf=true&limit=1"
    with TestClient(create_app(Settings(database_url=loaded_url))) as client:
        before = client.get(path).json()["page"]["total"]
        load(engine, registry, [corrected(notice)], LATER)  # without one of the tasks
        after = client.get(path).json()["page"]["total"]
    engine.dispose()
    assert after == before - 1
