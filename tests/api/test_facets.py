"""Facets count what the lists give, under the same filters."""

import json
import os
import random
from functools import cache
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from app.db.engine import open_engine
from app.db.models import Assignment
from app.main import create_app
from app.reading import facets
from app.settings import Settings
from seed.notice_files import ReadNotice
from seed.registry import Registry
from tests.support.contract import resolved
from tests.support.databases import Databases
from tests.support.raw import Raw, ask_each
from tests.support.years import fill_with_examples

Filters = list[tuple[str, str]]
OF_EXAMPLES: list[Filters] = [
    [],
    [("year", "2025")],
    [("year", "2022"), ("year", "2026"), ("role", "lead")],
    [("within", "990000"), ("leaf", "true")],
    [("role", "support"), ("agency_kind", "department"), ("leaf", "false")],
    [("level", "item"), ("has_targets", "true"), ("year", "2026")],
    [("mode", "builds"), ("mode", "uses")],
    [("status", "not_reported"), ("status", "completed"), ("year", "2025")],
    [("kind", "quantitative"), ("recurrence", "monthly")],
    [("strength", "aim"), ("jurisdiction", "990100")],
    [("year", "1999")],
]
FIELDS = {
    "tasks": ["jurisdiction", "year", "series", "plan", "section", "level", "leaf", "agency", "role", "agency_kind", "platform",
              "mode", "place", "status", "has_targets"],
    "targets": ["jurisdiction", "year", "series", "plan", "section", "agency", "role", "kind", "unit", "comparator",
                "strength", "attainment"],
}  # fmt: skip
ALL_FIELDS = {
    "tasks": FIELDS["tasks"],
    # Nothing recurs in the first notice, see tests/api/test_depth.py.
    "targets": [*FIELDS["targets"][:-1], "recurrence", "attainment"],
}
SEVERAL = {
    "year",
    "agency",
    "role",
    "agency_kind",
    "platform",
    "mode",
    "place",
}  # values that one row may have
ONCE = {"leaf", "has_targets"}
ROUNDS = int(os.environ.get("FACET_ROUNDS", "4"))
EVERY_FIELD = [(resource, field) for resource, fields in FIELDS.items() for field in fields]


def counted(client: TestClient, resource: str, field: str, filters: Filters) -> Any:
    path = f"/v1/facets/{resource}/{field}"
    (answer,) = ask_each(client, [Raw(path.encode(), urlencode(filters).encode())])
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


@cache  # nothing is written to what `client` reads
def values_of(client: TestClient, resource: str, field: str) -> list[str | None]:
    """All that the data has."""
    return [bucket["value"] for bucket in counted(client, resource, field, [])["data"]]


def totals(client: TestClient, resource: str, *each: Filters) -> list[int]:
    """How many rows the list has with each of some filters."""
    queries = [urlencode([*filters, ("limit", "1")]).encode() for filters in each]
    answers = ask_each(client, [Raw(f"/v1/{resource}".encode(), query) for query in queries])
    assert {answer.status for answer in answers} <= {200}, answers
    return [json.loads(answer.body)["page"]["total"] for answer in answers]


def some_filters(client: TestClient, resource: str, chance: random.Random) -> Filters:
    """Up to three filters with values that the data has, up to two values each; at times words."""
    filters: Filters = []
    for field in chance.sample(FIELDS[resource], chance.randint(0, 3)):
        known = [value for value in values_of(client, resource, field) if value is not None]
        most = 1 if field in ONCE else min(2, len(known))
        filters += [(field, value) for value in chance.sample(known, chance.randint(1, most))]
    if chance.random() < 0.4:
        filters.append(("q", chance.choice(["数", "數據", "服务 平台", "数字政府"])))
    return filters


@pytest.mark.parametrize(("resource", "field"), EVERY_FIELD)
def test_every_count_is_the_total_of_the_list_with_the_value(
    client: TestClient, resource: str, field: str
) -> None:
    chance = random.Random(f"{resource}/{field}")  # noqa: S311 - the same cases each time
    values = values_of(client, resource, field)
    assert any(values)
    compared = 0
    for _ in range(ROUNDS):
        filters = some_filters(client, resource, chance)
        facet = counted(client, resource, field, filters)
        assert [facet["total"]] == totals(client, resource, filters), filters
        counts = {bucket["value"]: bucket["count"] for bucket in facet["data"]}
        if field not in SEVERAL:
            assert sum(counts.values()) == facet["total"], filters
        if any(name == field for name, _ in filters):
            continue
        asked = list(filter(None, values))
        expected = totals(client, resource, *([*filters, (field, value)] for value in asked))
        assert [counts.get(value, 0) for value in asked] == expected, (filters, asked)
        compared += len(asked)
    assert compared


@pytest.mark.parametrize("resource", ["tasks", "targets"])
def test_tallies_have_what_counting_finds(
    databases: Databases, resource: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tallied = facets._read_tallied
    read = 0

    async def noting(*asked: Any) -> Any:
        nonlocal read
        found = await tallied(*asked)
        read += found is not None
        return found

    async def by_counting(*_: object) -> None:
        return None

    with (
        databases.copy_of("examples", fill_with_examples) as url,
        TestClient(create_app(Settings(database_url=url, cache_megabytes=0))) as client,
    ):
        asked = [
            Raw(f"/v1/facets/{resource}/{field}".encode(), urlencode(filters).encode())
            for field in ALL_FIELDS[resource]
            for filters in OF_EXAMPLES
        ]
        monkeypatch.setattr(facets, "_read_tallied", noting)
        found = ask_each(client, asked)
        monkeypatch.setattr(facets, "_read_tallied", by_counting)
        for raw, one, other in zip(asked, found, ask_each(client, asked), strict=True):
            assert one.body == other.body or one.status == 422, raw
    assert read > 30


@pytest.mark.parametrize(("resource", "field"), [("tasks", "agency"), ("tasks", "role"),
                         ("tasks", "agency_kind"), ("targets", "agency")])  # fmt: skip
def test_a_filtered_field_counts_the_rows_of_the_filtered_list(
    client: TestClient, resource: str, field: str
) -> None:
    whole = counted(client, resource, field, [])["data"]
    assert whole
    for bucket in whole:
        filters = [(field, bucket["value"])]
        listed = client.get(f"/v1/{resource}?{urlencode([*filters, ('limit', '1000')])}").json()
        facet = counted(client, resource, field, filters)
        assert facet["total"] == listed["page"]["total"]
        alone = [("id", row["id"]) for row in listed["data"]]
        each = ([*alone, (field, other["value"])] for other in facet["data"])
        assert [other["count"] for other in facet["data"]] == totals(client, resource, *each)


def test_agency_role_and_kind_hold_of_one_assignment(client: TestClient) -> None:
    """Several bodies lead （二十二）; the kind of one says nothing of another."""
    one = [("id", "gd-dg-2022-t22")]
    everyone = counted(client, "tasks", "agency", one)
    organs = counted(client, "tasks", "agency", [*one, ("agency_kind", "party_organ")])
    assert {b["value"] for b in everyone["data"]} > {b["value"] for b in organs["data"]}
    assert [b["label"] for b in organs["data"]] == ["省委政法委"]
    kinds = counted(client, "tasks", "agency_kind", [*one, ("agency", "公安厅")])
    assert [b["value"] for b in kinds["data"]] == ["department"]


def test_the_most_frequent_values_come_where_there_are_too_many(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = client.get("/v1/facets/tasks/agency?leaf=true").json()
    assert whole["complete"]
    monkeypatch.setattr("app.reading.facets.MOST_BUCKETS", 3)
    some = client.get("/v1/facets/tasks/agency?leaf=true&lang=zh-Hans").json()  # not kept yet
    assert some == {**whole, "complete": False, "data": whole["data"][:3]}


def test_agency_and_role_of_a_target_hold_of_one_assignment(
    loaded_url: str, registry: Registry, notice: ReadNotice
) -> None:
    engine = open_engine(loaded_url)
    task, police = "gd-dg-2022-t22", "gd-public-security"
    with engine.begin() as connection:  # the notice has no target with two roles
        connection.execute(
            update(Assignment).filter_by(task_id=task, agency_id=police).values(role="support")
        )
    engine.dispose()
    with TestClient(create_app(Settings(database_url=loaded_url))) as client:
        agencies = counted(client, "targets", "agency", [("task", task), ("role", "support")])
        assert [bucket["value"] for bucket in agencies["data"]] == [police]
        roles = counted(client, "targets", "role", [("task", task), ("agency", police)])
        assert [bucket["value"] for bucket in roles["data"]] == ["support"]


def test_a_facet_is_read_by_people_and_taken_by_filters(client: TestClient) -> None:
    agencies = counted(client, "tasks", "agency", [])
    assert (agencies["resource"], agencies["field"], agencies["total"]) == ("tasks", "agency", 76)
    assert agencies["data"][0] == {
        "value": "gd-government-data", "label": "省政务服务数据管理局", "count": 35,
    }  # fmt: skip
    assert len(agencies["data"]) == 38


@pytest.mark.parametrize(
    ("path", "buckets"),
    [
        ("tasks/level", [("subitem", "点", 46), ("item", "项", 30)]),
        ("tasks/leaf", [("true", "是", 66), ("false", "否", 10)]),
        ("tasks/has_targets", [("false", "否", 66), ("true", "是", 10)]),
        ("tasks/status", [("not_reported", "未报告", 76)]),
        ("tasks/plan", [("gd-dg-2022", "广东省数字政府改革建设2022年工作要点", 76)]),
        ("tasks/place?id=gd-dg-2022-t4&id=gd-dg-2022-t7&place=深圳&platform=粤省事", []),
        ("targets/attainment", [("not_reported", "未报告", 18)]),
        ("targets/kind", [("quantitative", "数量", 14), ("coverage", "覆盖", 3),
                          ("deadline", "时限", 1)]),
    ],
)  # fmt: skip
def test_buckets(client: TestClient, path: str, buckets: list[tuple[str, str, int]]) -> None:
    data = client.get(f"/v1/facets/{path}").json()["data"]
    assert [(b["value"], b["label"], b["count"]) for b in data] == buckets


@pytest.mark.parametrize(("resource", "field"), EVERY_FIELD)
def test_the_order_is_total(client: TestClient, resource: str, field: str) -> None:
    data = counted(client, resource, field, [])["data"]
    assert data
    keys = [(-b["count"], b["value"] is None, b["value"] or "") for b in data]
    assert keys == sorted(keys)
    assert len({b["value"] for b in data}) == len(data)
    assert all(b["label"] for b in data if b["value"] is not None)


def test_rows_without_a_value_are_counted_as_null(client: TestClient) -> None:
    for field in ("unit", "comparator"):
        targets = client.get("/v1/targets").json()["data"]
        without = [target for target in targets if target[field] is None]
        buckets = counted(client, "targets", field, [])["data"]
        null = [bucket for bucket in buckets if bucket["value"] is None]
        assert null == [{"value": None, "label": None, "count": len(without)}]


@pytest.mark.parametrize(
    ("path", "name", "allowed"),
    [
        ("tasks/title", "field", ALL_FIELDS["tasks"]),
        ("targets/level", "field", ALL_FIELDS["targets"]),
        ("tasks/role?agnecy=x", "agnecy", ["agency", "agency_kind"]),
        ("tasks/role?limit=1", "limit", None),
        ("tasks/role?cursor=x", "cursor", None),
        ("targets/kind?sort=notice", "sort", None),
        ("tasks/role?agency=公安局", "agency", ["公安厅", "省公安厅"]),
        ("tasks/role?agency=地市政府", "agency", ["gd-all-cities", "gd-relevant-cities"]),
        ("tasks/role?role=boss", "role", ["lead", "responsible", "support", "guide"]),
        ("targets/unit?unit=斤", "unit", None),
    ],
)
def test_what_does_not_fit_is_named(
    client: TestClient, path: str, name: str, allowed: list[str] | None
) -> None:
    answer = client.get(f"/v1/facets/{path}")
    assert answer.status_code == 422, answer.text
    [error] = answer.json()["errors"]
    assert error["name"] == name
    assert error["in"] == ("path" if name == "field" else "query")
    if allowed is not None:
        assert error["allowed"] == allowed


@pytest.mark.parametrize("path", ["", "/tasks", "/agencies/kind", "/tasks/role/lead"])
def test_there_are_facets_of_tasks_and_targets_only(client: TestClient, path: str) -> None:
    assert client.get(f"/v1/facets{path}").status_code == 404


@pytest.mark.parametrize("resource", FIELDS)
def test_facets_take_the_filters_of_the_list(client: TestClient, resource: str) -> None:
    document = client.get("/openapi.json").json()

    def parameters(path: str) -> list[Any]:
        all_of_them = document["paths"][path]["get"]["parameters"]
        given = [resolved(document, parameter) for parameter in all_of_them]
        return [(p["name"], p["schema"]) for p in given if p["in"] == "query"]

    of_the_list = parameters(f"/v1/{resource}")
    assert parameters(f"/v1/facets/{resource}/{{field}}") == [
        (name, schema)
        for name, schema in of_the_list
        if name not in ("limit", "cursor", "format", "header", "sort")
    ]
