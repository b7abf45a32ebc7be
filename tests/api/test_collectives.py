"""Which collectives an agency belongs to, and what it has to do as one of them."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.__main__ import main
from app.db.engine import open_engine
from app.db.models import Delegation
from app.projections.rebuilding import rebuild
from seed.load import load
from seed.notice_files import ReadNotice
from seed.refusals import NoticeRefusedError
from seed.registry import FOLDER, Registry, read_registry
from tests.support.practice import LEAD, NOW, SECRET, TASK, practising
from tests.support.statements import selects

CITY, CITIES = "gd-shenzhen", "gd-all-cities"
MEMBER, COLLECTIVE = "gd-energy", "gd-relevant-departments"
BY_RULE = {"id": CITIES, "name": "各地级以上市政府", "basis": "rule", "basis_label": "规则"}
Run = Callable[..., int]


@pytest.fixture
def run(loaded_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("WORKPLAN_DATABASE_URL", loaded_url)
    monkeypatch.setenv("WORKPLAN_KEY_SECRET", SECRET)
    return lambda *words: main(["delegations", *words])


def agencies_of(client: TestClient) -> dict[str, Any]:
    return {one["id"]: one for one in client.get("/v1/agencies?limit=1000").json()["data"]}


def rows(client: TestClient, path: str, query: str) -> list[Any]:
    answer = client.get(f"/v1/{path}?{query}&limit=1000")
    assert answer.status_code == 200, answer.text
    found: list[Any] = answer.json()["data"]
    assert answer.json()["page"]["total"] == len(found)
    return found


def assigned(client: TestClient, agencies: set[str], role: str | None = None) -> list[str]:
    """Tasks that an agency of these is assigned to, by their documents alone."""
    return [
        task["id"]
        for task in rows(client, "tasks", "")
        if any(a["agency"]["id"] in agencies and role in (None, a["role"])
               for a in task["assignments"])
    ]  # fmt: skip


def test_only_a_rule_of_the_registry_puts_an_agency_into_a_collective(client: TestClient) -> None:
    for id_, agency in agencies_of(client).items():
        code = agency["jurisdiction"]["code"]
        is_city = agency["kind"] == "government" and code.startswith("44") and code != "440000"
        assert agency["collectives"] == ([BY_RULE] if is_city else []), id_
    assert agencies_of(client)[CITY]["collectives"] == [BY_RULE]


@pytest.mark.parametrize("name", [CITY, "深圳市", "深圳市政府", "深圳"])
def test_a_city_finds_what_all_cities_have_to_do(client: TestClient, name: str) -> None:
    alone = [one["id"] for one in rows(client, "tasks", f"agency={name}")]
    whole = [one["id"] for one in rows(client, "tasks", f"agency={name}&collectives=true")]
    assert alone == assigned(client, {CITY})
    assert whole == assigned(client, {CITY, CITIES})
    assert set(alone) < set(whole)
    assert "gd-dg-2022-t10.2" in set(whole) - set(alone)
    assert rows(client, "tasks", f"agency={name}&collectives=false") == rows(
        client, "tasks", f"agency={name}"
    )


def test_a_role_is_that_of_the_agency_or_of_its_collective(client: TestClient) -> None:
    found: set[str] = set()
    for role in ("lead", "responsible", "support", "guide"):
        query = f"agency={CITY}&collectives=true&role={role}"
        tasks = [one["id"] for one in rows(client, "tasks", query)]
        assert tasks == assigned(client, {CITY, CITIES}, role)
        found.update(tasks)
    assert found == set(assigned(client, {CITY, CITIES}))


def test_other_agencies_beside_it_and_agencies_of_no_collective_stay_what_they_are(
    client: TestClient,
) -> None:
    both = [
        one["id"] for one in rows(client, "tasks", f"agency={CITY}&agency=公安厅&collectives=true")
    ]
    assert both == assigned(client, {CITY, CITIES, "gd-public-security"})
    for query in ("agency=公安厅", f"agency={CITIES}"):
        more = rows(client, "tasks", f"{query}&collectives=true")
        assert more == rows(client, "tasks", query)


@pytest.mark.parametrize("field", ["plan", "section", "agency", "role", "agency_kind", "status"])
def test_facets_count_the_same_tasks(client: TestClient, field: str) -> None:
    query = f"agency={CITY}&collectives=true"
    facets = client.get(f"/v1/facets/tasks/{field}?{query}").json()
    tasks = rows(client, "tasks", query)
    assert facets["total"] == len(tasks) > len(rows(client, "tasks", f"agency={CITY}"))
    if field == "agency":
        counted = {one["agency"]["id"]: 0 for task in tasks for one in task["assignments"]}
        for task in tasks:
            for agency in {one["agency"]["id"] for one in task["assignments"]}:
                counted[agency] += 1
        assert {one["value"]: one["count"] for one in facets["data"]} == counted
        return
    for bucket in facets["data"]:
        assert bucket["count"] == len(rows(client, "tasks", f"{query}&{field}={bucket['value']}"))


def test_a_walk_and_an_export_have_them_all(client: TestClient) -> None:
    query = f"agency={CITY}&collectives=true"
    right = [one["id"] for one in rows(client, "tasks", query)]
    walked, cursor = [], ""
    while True:
        page = client.get(f"/v1/tasks?{query}&limit=1{cursor}").json()
        walked += [one["id"] for one in page["data"]]
        assert page["page"]["total"] == len(right)
        if page["page"]["next"] is None:
            break
        cursor = f"&cursor={page['page']['next']}"
    assert walked == right
    other = client.get(f"/v1/tasks?agency={CITY}&limit=1{cursor}")
    assert other.json()["type"] == "/problems/invalid-cursor"
    text = client.get(f"/v1/tasks?{query}&format=csv").text.removeprefix("\ufeff")
    assert [row["id"] for row in csv.DictReader(io.StringIO(text))] == right


def test_targets_and_the_calendar_have_those_of_its_collectives(loaded_url: str) -> None:
    with practising(loaded_url) as service:
        with service.session() as session:  # no collective has targets; LEAD stands for one
            session.add(Delegation(collective_id=LEAD, agency_id=MEMBER, granted_at=NOW))
        milestone = {"title": "试验", "due_on": "2022-09-30"}
        assert service.post(f"/v1/tasks/{TASK}/milestones", milestone).status_code == 201
        alone, both, whole = (
            f"agency={MEMBER}",
            f"agency={LEAD}&agency={MEMBER}",
            f"agency={MEMBER}&collectives=true",
        )
        right = rows(service.client, "targets", both)
        assert rows(service.client, "targets", whole) == right
        assert rows(service.client, "targets", alone) != right
        facets = service.json(f"/v1/facets/targets/agency?{whole}")
        assert facets == service.json(f"/v1/facets/targets/agency?{both}")
        events = {
            query: service.client.get(f"/v1/deadlines.ics?{query}").text.count("BEGIN:VEVENT")
            for query in (alone, both, whole)
        }
        assert events[whole] == events[both] > events[alone]


@pytest.mark.parametrize("path", ["tasks", "targets", "deadlines.ics", "facets/tasks/role",
                                  "facets/targets/role"])  # fmt: skip
def test_without_an_agency_it_means_nothing(client: TestClient, path: str) -> None:
    answer = client.get(f"/v1/{path}?collectives=true&lang=zh-Hans&plan=gd-dg-2022")
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["name"] == "collectives"
    assert "agency" in error["message"]
    assert client.get(f"/v1/{path}?collectives=false").status_code == 200


@pytest.mark.parametrize(
    ("query", "name"),
    [
        (f"agency={CITY}&collectives=yes", "collectives"),
        (f"agency={CITY}&collectives=", "collectives"),
        (f"agency={CITY}&collectives=True", "collectives"),
        (f"agency={CITY}&collectives=true&collectives=true", "collectives"),
        ("agency=没有&collectives=true", "agency"),
        (f"agency={CITY}&collective=true", "collective"),
    ],
)
def test_what_is_no_value_is_refused(client: TestClient, query: str, name: str) -> None:
    answer = client.get(f"/v1/tasks?{query}")
    assert answer.status_code == 422
    assert [error["name"] for error in answer.json()["errors"]] == [name]


@pytest.mark.parametrize("path", ["tasks", "targets", "facets/tasks/role"])
def test_it_costs_one_statement(uncached: TestClient, statements: list[str], path: str) -> None:
    spent = []
    for query in ("", "&collectives=true"):
        statements.clear()
        names = f"{CITY}&agency=公安厅&agency=省能源局"
        assert uncached.get(f"/v1/{path}?agency={names}{query}").status_code == 200
        spent.append(selects(statements))
    assert spent[1] == spent[0] + 1


def test_a_delegation_can_be_read_until_it_ends(run: Run, loaded_url: str) -> None:
    with practising(loaded_url) as service:
        client = service.client

        def seen() -> tuple[Any, ...]:
            plain = {"Accept-Encoding": "identity"}
            agency = client.get(f"/v1/agencies/{MEMBER}", headers=plain)
            feed = service.json(f"/v1/changes?limit=1000&after={head}")
            changes = [(one["resource"], one["id"], one["op"], one["changed"])
                       for one in feed["data"]]  # fmt: skip
            etags = [one["etag"] for one in feed["data"]]
            assert etags[-1:] in ([], [agency.headers["etag"]])
            found = rows(client, "tasks", f"agency={MEMBER}&collectives=true")
            return agency.json()["collectives"], changes, [one["id"] for one in found]

        head = service.json("/v1/changes?limit=1")["page"]["head"]
        updated = ("agency", MEMBER, "updated", ["collectives"])
        alone, whole = (assigned(client, one) for one in ({MEMBER}, {MEMBER, COLLECTIVE}))
        assert alone != whole
        assert seen() == ([], [], alone)
        before = client.get(f"/v1/agencies/{MEMBER}").json()
        assert run("grant", COLLECTIVE, MEMBER) == 0
        delegated = {"id": COLLECTIVE, "name": "省有关部门", "basis": "delegation",
                     "basis_label": "授权"}  # fmt: skip
        assert seen() == ([delegated], [updated], whole)
        assert client.get(f"/v1/agencies/{MEMBER}").json()["version"] == before["version"] + 1
        assert run("grant", COLLECTIVE, MEMBER) == 2  # refused, so nothing changes
        assert seen() == ([delegated], [updated], whole)
        assert run("revoke", COLLECTIVE, MEMBER) == 0
        assert seen() == ([], [updated, updated], alone)
        assert run("revoke", COLLECTIVE, MEMBER) == 2
        assert seen() == ([], [updated, updated], alone)


def test_a_delegation_goes_before_a_rule_and_leaves_it(run: Run, loaded_url: str) -> None:
    with practising(loaded_url) as service:

        def bases() -> list[tuple[str, str]]:
            agency = service.json(f"/v1/agencies/{CITY}")
            return [(one["id"], one["basis"]) for one in agency["collectives"]]

        tasks = rows(service.client, "tasks", f"agency={CITY}&collectives=true")
        assert run("grant", CITIES, CITY) == 0
        assert bases() == [(CITIES, "delegation")]
        assert rows(service.client, "tasks", f"agency={CITY}&collectives=true") == tasks
        assert run("grant", COLLECTIVE, CITY) == 0
        assert bases() == [(CITIES, "delegation"), (COLLECTIVE, "delegation")]
        assert run("revoke", CITIES, CITY) == 0
        assert bases() == [(CITIES, "rule"), (COLLECTIVE, "delegation")]


def test_nothing_is_granted_where_the_document_cannot_be_made(
    run: Run, loaded_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: object) -> None:
        raise RuntimeError

    with practising(loaded_url) as service:
        before = service.json("/v1/changes?limit=1000")
        with monkeypatch.context() as patched:
            patched.setattr("app.cli.commands.refresh_agency", fail)
            with pytest.raises(RuntimeError):
                run("grant", COLLECTIVE, MEMBER)
        assert run("revoke", COLLECTIVE, MEMBER) == 2
        assert service.json("/v1/changes?limit=1000") == before


def test_what_is_stored_is_what_a_rebuild_makes(run: Run, loaded_url: str) -> None:
    assert run("grant", COLLECTIVE, MEMBER) == 0
    with practising(loaded_url) as service, service.session() as session:
        assert rebuild(session.get_bind(), lambda: NOW) == 0  # type: ignore[arg-type]


def test_a_table_of_agencies_names_their_collectives(client: TestClient) -> None:
    text = client.get(f"/v1/agencies?id={CITY}&id={MEMBER}&format=csv").text.removeprefix("\ufeff")
    found = {row["id"]: row for row in csv.DictReader(io.StringIO(text))}
    assert found[CITY]["collectives"] == "各地级以上市政府"
    assert found[CITY]["collective_ids"] == CITIES
    assert found[CITY]["collective_basis_labels"] == "规则"
    assert found[MEMBER]["collectives"] == ""


def test_a_rule_that_the_registry_no_longer_has_ends_with_the_next_load(
    loaded_url: str, registry: Registry, notice: ReadNotice
) -> None:
    without = replace(
        registry, agencies=tuple(replace(one, members=None) for one in registry.agencies)
    )
    engine = open_engine(loaded_url)
    with practising(loaded_url) as service:
        for given, right in ((without, []), (registry, [BY_RULE])):
            load(engine, given, [notice])
            assert service.json(f"/v1/agencies/{CITY}")["collectives"] == right
            last = service.json("/v1/changes?limit=1000")["data"][-1]
            assert (last["id"], last["changed"]) == (CITY, ["collectives"])
    engine.dispose()


@pytest.mark.parametrize("members", ["collective", "city", 44, "", None])
@pytest.mark.parametrize("id_", [CITY, CITIES])
def test_a_rule_that_means_nothing_is_refused(tmp_path: Path, id_: str, members: object) -> None:
    folder = tmp_path / "registry"
    copytree(FOLDER, folder)
    lines = (folder / "agencies.yaml").read_text("utf-8").replace("  members: government\n", "")
    rule = f"- id: {id_}\n  members: {json.dumps(members)}\n"
    (folder / "agencies.yaml").write_text(lines.replace(f"- id: {id_}\n", rule), "utf-8")
    with pytest.raises(NoticeRefusedError):
        read_registry(folder)


@pytest.mark.parametrize("words", [["allow", COLLECTIVE, MEMBER], ["list"], []])
def test_the_old_name_of_the_command_is_refused_and_names_the_new_one(
    loaded_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
) -> None:
    monkeypatch.setenv("WORKPLAN_DATABASE_URL", loaded_url)
    assert main(["collectives", *words]) == 2
    assert "`delegations`: grant" in capsys.readouterr().err
    assert main(["delegations", "list"]) == 0
    assert capsys.readouterr().out == "collective\tagency\tsince\n"
