"""Governments, and the filters by government, year and series that every list has."""

import dataclasses
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.db.engine import open_engine
from app.main import create_app
from app.settings import Settings
from seed.editorial import read_editorial
from seed.load import load
from seed.notice_files import NOTICES, ReadNotice, read_notice
from seed.plan import Period
from seed.reader.as_plan import parse
from seed.registry import Registry, read_registry
from tests.support import LATER, PLAN
from tests.support.databases import LOADED, Databases

OTHER = "zj-test-2023"  # the first notice, as if it were of Zhejiang and for two years


def of_another(registry: Registry, notice: ReadNotice) -> ReadNotice:
    editorial = read_editorial(NOTICES / PLAN / "editorial.yaml")
    plan = parse(notice.restored.text, OTHER, registry, editorial)
    plan.jurisdiction, plan.series, plan.supersedes = "330000", "zj-test", PLAN
    plan.period = Period(date(2023, 3, 1), date(2024, 2, 28))
    plan.document_number = plan.issuer = plan.issued_on = None
    return dataclasses.replace(notice, plan=plan)


def add_another(url: str) -> None:
    """To a database that has the first notice."""
    registry = read_registry()
    engine = open_engine(url)
    load(engine, registry, [of_another(registry, read_notice(NOTICES / PLAN, registry))], LATER)
    engine.dispose()


@pytest.fixture(scope="module")
def two(databases: Databases) -> Iterator[TestClient]:
    """A service with plans of two provinces."""
    with databases.copy_of("two_governments", add_another, LOADED) as url:
        app = create_app(Settings(database_url=url, webhook_delivery=False))
        with TestClient(app, raise_server_exceptions=False) as client:
            yield client


def total(client: TestClient, path: str) -> int:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return int(page["page"]["total"] if "page" in page else page["total"])


LISTS = {
    "plans": 1, "sections": 6, "tasks": 76, "targets": 18, "facets/tasks/agency": 76,
    "search?q=数据&kind=task": 38, "changes?resource=task": 76,
}  # fmt: skip


@pytest.mark.parametrize("path", LISTS)
def test_every_list_is_filtered_by_government_year_and_series(two: TestClient, path: str) -> None:
    each = LISTS[path]
    first = f"/v1/{path}{'&' if '?' in path else '?'}"
    for query, plans in {
        "jurisdiction=440000": 1, "jurisdiction=浙江": 1, "jurisdiction=440000&jurisdiction=330000": 2,
        "within=100000": 2, "within=330000": 1, "within=330100": 0,
        "within=100000&jurisdiction=440000": 1, "within=330000&jurisdiction=440000": 0,
        "year=2022": 1, "year=2023": 1, "year=2024": 1, "year=2025": 0, "year=2022&year=2024": 2,
        "series=zj-test": 1, "series=zj-test&year=2022": 0,
    }.items():  # fmt: skip
        assert total(two, f"{first}{query}") == plans * each, query
    for wrong in ("jurisdiction=999999", "within=无此省", "series=none", "year=22", "year=two"):
        refused = two.get(f"{first}{wrong}")
        assert refused.status_code == 422, wrong
        assert [one["name"] for one in refused.json()["errors"]] == [wrong.partition("=")[0]]


def test_agencies_have_a_government_and_platforms_and_both_a_year_by_a_task(
    two: TestClient,
) -> None:
    assert total(two, "/v1/agencies?jurisdiction=440300") == 1
    assert total(two, "/v1/agencies?within=440000") == total(two, "/v1/agencies?year=2023") == 38
    assert total(two, "/v1/agencies?jurisdiction=330000") == 0
    assert total(two, "/v1/agencies?series=zj-test&role=guide&year=2022") == 0
    mentioned = total(two, "/v1/platforms?year=2022")
    assert (
        mentioned == total(two, "/v1/platforms?jurisdiction=330000") < total(two, "/v1/platforms")
    )


@pytest.mark.parametrize("resource", ["tasks", "targets"])
def test_facets_count_by_government_year_and_series(two: TestClient, resource: str) -> None:
    each = LISTS[resource]
    found = {
        field: {
            bucket["value"]: (bucket["label"], bucket["count"])
            for bucket in two.get(f"/v1/facets/{resource}/{field}").json()["data"]
        }
        for field in ("jurisdiction", "year", "series")
    }
    assert found["jurisdiction"] == {"440000": ("广东省", each), "330000": ("浙江省", each)}
    assert {value: count for value, (_, count) in found["year"].items()} == {
        "2022": each, "2023": each, "2024": each,
    }  # fmt: skip
    assert set(found["series"]) == {"gd-digital-government", "zj-test"}


def test_a_government_has_counts_and_those_above_and_below(two: TestClient) -> None:
    codes = [one["code"] for one in two.get("/v1/jurisdictions").json()["data"]]
    assert codes == ["330000", "440000", "440300"]  # those that have plans or agencies
    province = two.get("/v1/jurisdictions/440000").json()
    assert province["counts"] == {"plans": 1, "tasks": 66, "targets": 18, "agencies": 37}
    assert (province["parent"]["code"], province["parent"]["level"]) == ("100000", "nation")
    assert [child["code"] for child in province["children"]] == ["440300"]
    assert two.get("/v1/jurisdictions/440100").status_code == 404
    task = two.get(f"/v1/tasks/{OTHER}-t1").json()
    assert task["jurisdiction"]["name"] == "浙江省"
    assert task["is_example"] is False


def test_what_a_notice_does_not_state_is_null_and_plans_name_each_other(two: TestClient) -> None:
    later, first = (two.get(f"/v1/plans/{id_}").json() for id_ in (OTHER, PLAN))
    assert [later[name] for name in ("document_number", "issuer", "issued_on", "year")] == [
        None
    ] * 4
    assert later["period"] == {"start_on": "2023-03-01", "end_on": "2024-02-28"}
    assert (later["supersedes"], first["superseded_by"]) == (PLAN, OTHER)
    assert first["year"] == 2022
    assert first["reading"] == {
        "read_on": "2026-11-23", "read_by": None, "checked_on": None, "checked_by": None,
        "explained_share": 0.1119, "set_aside_share": 0, "signs_acknowledged": 0,
    }  # fmt: skip
    for query in ("format=csv", "format=markdown", "format=stratml"):
        assert two.get(f"/v1/plans/{OTHER}/download?{query}").status_code == 200
    assert "None" not in two.get(f"/v1/tasks/{OTHER}-t1").json()["citation"]


@pytest.mark.parametrize(
    ("old", "new"),
    [("provincial_department", "department"), ("provincial_office", "office"),
     ("municipality", "government")],
)  # fmt: skip
def test_an_old_kind_of_agency_is_refused_with_its_new_name(
    client: TestClient, old: str, new: str
) -> None:
    for path in ("agencies?kind=", "tasks?agency_kind="):
        refused = client.get(f"/v1/{path}{old}", headers={"Accept-Language": "en"})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["message"] == f"Since 0.6.0 it is {new}."
