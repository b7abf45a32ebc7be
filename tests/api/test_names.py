"""A name means the body of the government that a request is about, however many governments there are."""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode
from xml.etree.ElementTree import fromstring

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.db.engine import open_engine
from app.db.models import Agency, Platform, Region
from app.main import create_app
from app.projections.known_names import NAMES, names_in
from app.settings import Settings
from tests.support.databases import Databases
from tests.support.namesakes import FIRST, add_namesakes
from tests.support.raw import Raw, ask_each
from tests.support.statements import selects
from tests.support.years import fill_with_examples

ATOM = "{http://www.w3.org/2005/Atom}"
TAKE_AGENCIES = (
    "tasks", "targets", "reports", "measurements", "milestones", "assessments", "deadlines.ics",
    "facets/tasks/agency", "facets/tasks/platform", "facets/targets/unit",
)  # fmt: skip
SAME_ID = ((b"x-request-id", b"0" * 32),)
TAKE_PLATFORMS = TAKE_PLACES = ("tasks", "facets/tasks/agency", "facets/tasks/section")


@pytest.fixture(scope="module")
def namesakes(databases: Databases) -> Iterator[str]:
    """A database in which 200 other provinces have bodies of the same names, and the examples."""
    with databases.copy_of("examples", fill_with_examples) as url:
        add_namesakes(url)
        yield url


@pytest.fixture(scope="module")
def among(namesakes: str) -> Iterator[TestClient]:
    settings = Settings(database_url=namesakes, webhook_delivery=False, cache_megabytes=0)
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def homeless(namesakes: str) -> Iterator[TestClient]:
    """The same without a home."""
    settings = Settings(database_url=namesakes, webhook_delivery=False, home_jurisdiction=None)
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield client


def home_names(url: str) -> dict[str, list[str]]:
    """Parameter → the names of bodies, cities and platforms of the home that mean one of them."""
    engine = open_engine(url)
    with Session(engine) as session:
        found = {
            parameter: Counter(
                name
                for row in session.execute(select(*NAMES[table]).where(condition))
                for name in dict.fromkeys(names_in(row))
            )
            for parameter, table, condition in (
                ("agency", Agency, Agency.jurisdiction_code.startswith("44")),
                ("place", Region, Region.parent_code == FIRST),
                ("platform", Platform, Platform.scope_code == FIRST),
            )
        }
    engine.dispose()
    return {
        parameter: [name for name, bodies in names.items() if bodies == 1]
        for parameter, names in found.items()
    }


def test_no_name_of_the_home_changes_its_meaning_when_other_governments_are_loaded(
    client: TestClient, among: TestClient, database_url: str
) -> None:
    paths = {"agency": TAKE_AGENCIES, "place": TAKE_PLACES, "platform": TAKE_PLATFORMS}
    requests: list[tuple[str, dict[str, Any]]] = []
    for parameter, names in home_names(database_url).items():
        # Few at a time where all have rows; many on the other lists.
        few = [names[start : start + 4] for start in range(0, len(names), 4)]
        requests += [("tasks", {parameter: part, "limit": 20}) for part in few]
        parts = [names[start : start + 60] for start in range(0, len(names), 60)]
        requests += [(path, {parameter: part}) for path in paths[parameter] for part in parts]
    raws = [
        Raw(f"/v1/{path}".encode(), urlencode(params, doseq=True).encode(), headers=SAME_ID)
        for path, params in requests
    ]
    for raw, before, after in zip(raws, ask_each(client, raws), ask_each(among, raws), strict=True):
        assert before.body == after.body, (raw, after.body)
    assert len(requests) > 100


def test_every_list_and_facet_that_takes_a_body_is_compared(client: TestClient) -> None:
    contract = client.get("/openapi.json").json()
    shared = contract["components"]["parameters"]
    for name, compared in (
        ("agency", TAKE_AGENCIES),
        ("place", TAKE_PLACES),
        ("platform", TAKE_PLATFORMS),
    ):
        taking = {
            path.removeprefix("/v1/").removesuffix("/{field}")
            for path, operations in contract["paths"].items()
            for one in operations.get("get", {}).get("parameters", [])
            for parameter in [shared[one["$ref"].rpartition("/")[2]] if "$ref" in one else one]
            if parameter["in"] == "query" and parameter["name"] == name
        }
        of_changes = {"changes", "changes.atom"}  # numbered through; compared below
        left_out = (
            {path for path in taking if "{" not in path}  # the others are below a resource
            - of_changes
            - {path.rpartition("/")[0] or path for path in compared}
            - {*compared}
        )
        assert not left_out


def test_the_feed_of_a_home_body_stays_the_same(client: TestClient, among: TestClient) -> None:
    for name in ("省公安厅", "公安厅", "广东省公安厅"):
        before, after = (
            [
                {**change, "seq": 0}  # loaded at another time
                for change in one.get(f"/v1/changes?agency={name}&limit=1000").json()["data"]
            ]
            for one in (client, among)
        )
        assert before == after != []


def test_the_atom_feed_of_a_home_body_stays_the_same(client: TestClient, among: TestClient) -> None:
    def entries(of: TestClient, name: str) -> list[list[str | None]]:
        found: list[list[str | None]] = []
        url: str | None = f"/v1/changes.atom?agency={name}"
        while url:
            feed = fromstring(of.get(url).content)  # noqa: S314 - our own
            found += [
                [entry.findtext(f"{ATOM}{one}") for one in ("id", "title", "updated")]
                for entry in feed.iter(f"{ATOM}entry")
            ]
            links = {one.get("rel"): one.get("href") for one in feed.iter(f"{ATOM}link")}
            url = links.get("next")
        return found

    for name in ("省公安厅", "公安厅", "广东省公安厅"):
        assert entries(client, name) == entries(among, name) != []


@pytest.mark.parametrize(
    ("query", "agencies"),
    [
        ("agency=省公安厅", {"gd-public-security"}),
        ("agency=公安厅&year=2026", set()),  # narrows rows, not meanings
        ("agency=省公安厅&series=example-province-digital-government", set()),
        ("agency=省公安厅&plan=gd-dg-2022", {"gd-public-security"}),
        ("agency=省公安厅&plan=example-province-2026", {"example-province-public-security"}),
        ("agency=公安厅&jurisdiction=990000", {"example-province-public-security"}),
        ("agency=公安厅&jurisdiction=示例省", {"example-province-public-security"}),
        ("agency=公安厅&within=900000", {"example-province-public-security"}),
        ("agency=公安厅&section=example-province-2026-s2", {"example-province-public-security"}),
        ("agency=省公安厅&within=100000", {"gd-public-security"}),
        ("agency=省公安厅&jurisdiction=980007", set()),
        ("agency=数据局&plan=example-city-2026", {"example-city-data"}),  # not the province's
        ("agency=省数据局&plan=example-city-2026", {"example-province-data"}),  # above it
        ("agency=示例省大数据管理局", {"example-province-data"}),  # until 2025
        ("agency=example-province-data", {"example-province-data"}),
    ],
)
def test_a_name_means_a_body_of_the_governments_in_the_request(
    among: TestClient, query: str, agencies: set[str]
) -> None:
    answer = among.get(f"/v1/facets/tasks/agency?{query}")
    assert answer.status_code == 200, answer.text
    tasks = among.get(f"/v1/tasks?{query}&limit=1000").json()["data"]
    for task in tasks:
        assert agencies & {one["agency"]["id"] for one in task["assignments"]}
    counted = {bucket["value"] for bucket in answer.json()["data"]}
    assert agencies <= counted or not tasks


def test_a_name_of_many_without_a_home_is_ambiguous_and_says_what_decides(
    among: TestClient, homeless: TestClient
) -> None:
    for name in ("省公安厅", "公安厅"):
        problem = homeless.get(
            "/v1/tasks", params={"agency": name}, headers={"Accept-Language": "en"}
        ).json()
        assert problem["type"] == "/problems/ambiguous-name"
        (error,) = problem["errors"]
        assert "gd-public-security (广东省 440000)" in error["message"]
        assert "and 182 more" in error["message"]
        assert "jurisdiction= decides" in error["message"]
        assert len(error["allowed"]) == 20
        of_first = {"code": "440000", "name": "广东省"}
        assert {"id": "gd-public-security", "jurisdiction": of_first} in error["candidates"]
        assert [one["id"] for one in error["candidates"]] == error["allowed"]
    for name in ("广东省公安厅", "示例市数据局"):
        assert homeless.get("/v1/tasks", params={"agency": name}).status_code in (200, 422)
    assert homeless.get("/v1/tasks?agency=示例市数据局").status_code == 200  # one body only
    assert homeless.get("/v1/tasks?agency=省公安厅&jurisdiction=440000").json()["data"]
    assert homeless.get("/v1").json()["home_jurisdiction"] is None
    assert among.get("/v1").json()["home_jurisdiction"] == {
        "code": "440000", "name": "广东省", "level": "province", "level_label": "省级"
    }  # fmt: skip


def test_a_short_form_is_no_name_outside_its_government(homeless: TestClient) -> None:
    problem = homeless.get("/v1/tasks?agency=数字发展中心").json()
    assert problem["type"] == "/problems/ambiguous-name"
    assert problem["errors"][0]["allowed"] == ["example-province-digital-centre"]
    assert homeless.get("/v1/tasks?agency=省数字发展中心").status_code == 200
    assert homeless.get("/v1/tasks?agency=数字发展中心&within=990000").status_code == 200


def test_agencies_by_name_and_search_find_everybody(among: TestClient) -> None:
    found = among.get("/v1/agencies", params={"name": "公安厅", "limit": 1000}).json()["data"]
    assert len(found) == 202


def test_succession_adds_the_tasks_of_predecessors(among: TestClient) -> None:
    def total(query: str) -> int:
        answer = among.get(f"/v1/facets/tasks/agency?{query}")
        assert answer.status_code == 200, answer.text
        return int(answer.json()["total"])

    centre = "agency=example-province-digital-centre"
    before = sum(
        total(f"agency=example-province-{one}")
        for one in ("information-centre", "e-government-centre")
    )
    assert before > 0
    assert total(f"{centre}&succession=true") == total(centre) + before
    assert total(f"{centre}&succession=false") == total(centre)
    problem = among.get("/v1/tasks?succession=true").json()
    assert problem["errors"][0]["name"] == "succession"


def test_names_cost_one_statement_among_200_governments(
    among: TestClient, statements: list[str]
) -> None:
    among.get("/v1/tasks?limit=1")
    statements.clear()
    query = "agency=省公安厅&plan=gd-dg-2022&place=广州&within=100000&platform=粤盾"
    assert among.get(f"/v1/tasks?{query}").status_code == 200
    assert selects(statements) == 2, statements
