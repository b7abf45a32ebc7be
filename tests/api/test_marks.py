"""`q` with filters finds and counts the rows that both find alone; the text index has both."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.db.engine import open_engine
from app.db.models import SearchEntry
from app.kinds import BY_NAME
from app.main import create_app
from app.projections.marks import marks_of
from app.settings import Settings
from tests.support.databases import Databases
from tests.support.raw import Raw, ask_each
from tests.support.years import fill_with_examples

COMMON, RARE, REFERENCE = "数据", "公安", "13.4"  # the last one is a code, too
FILTERS: list[tuple[str, dict[str, Any]]] = [
    ("tasks", {"year": 2025}),
    ("tasks", {"year": [2022, 2026], "within": "990000"}),
    ("tasks", {"year": 1999}),
    ("tasks", {"jurisdiction": "440000"}),
    ("tasks", {"within": "100000", "role": "lead"}),
    ("tasks", {"role": ["lead", "support"], "agency_kind": "government"}),
    ("tasks", {"role": "support", "agency": "gd-public-security"}),
    ("tasks", {"agency_kind": "department", "leaf": "false", "year": 2022}),
    ("tasks", {"mode": "builds", "level": ["item", "subitem"]}),
    ("tasks", {"mode": "uses", "platform": "yue-zheng-yi"}),
    ("tasks", {"has_targets": "true", "leaf": "true"}),
    ("tasks", {"status": "not_reported", "year": 2022}),
    ("tasks", {"plan": "gd-dg-2022", "role": "lead"}),
    ("targets", {"year": 2022, "kind": "quantitative"}),
    ("targets", {"role": "lead", "strength": "firm"}),
    ("targets", {"comparator": "gte", "within": "100000"}),
    ("targets", {"recurrence": "monthly"}),
    ("platforms", {"year": 2022}),
    ("platforms", {"year": [2025, 2026], "mode": "builds"}),
    ("platforms", {"kind": "platform", "year": 2022}),
]
IN_SEARCH: list[dict[str, Any]] = [
    {"year": 2022},
    {"year": [2025, 2026], "within": "990000"},
    {"within": "100000"},
    {"jurisdiction": "440000", "kind": ["agency", "task"]},
    {"year": 2025, "kind": "platform"},
    {"year": 2022, "plan": "gd-dg-2022"},
]


@pytest.fixture(scope="module")
def examples_url(databases: Databases) -> Iterator[str]:
    with databases.copy_of("examples", fill_with_examples) as url:
        yield url


def _page(client: TestClient, resource: str, limit: int, **filters: Any) -> Any:
    query = urlencode({**filters, "limit": limit}, doseq=True).encode()
    (response,) = ask_each(client, [Raw(f"/v1/{resource}".encode(), query)])
    assert response.status == 200, response.body
    return json.loads(response.body)


def _ids(client: TestClient, resource: str, **filters: Any) -> list[str]:
    page = _page(client, resource, 1000, **filters)
    assert page["page"]["next"] is None
    return [row["id"] for row in page["data"]]


@pytest.mark.parametrize("most", ["few", "many"])
def test_words_and_filters_find_together_what_both_find_alone(
    examples_url: str, most: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if most == "many":  # as if filters left many rows
        for name in ("FEW", "RARE", "RARE_ROWS"):
            monkeypatch.setattr(f"app.reading.ways.{name}", 0)
    monkeypatch.setattr("app.reading.counting.RARE_ROWS", 0)
    some = 0
    with TestClient(create_app(Settings(database_url=examples_url))) as client:
        filtered = [{*_ids(client, resource, **filters)} for resource, filters in FILTERS]
        for q in (COMMON, f"{COMMON} {RARE}", "信息化", REFERENCE):
            by_words = {name: _ids(client, name, q=q) for name in {one for one, _ in FILTERS}}
            for (resource, filters), alone in zip(FILTERS, filtered, strict=True):
                expected = [one for one in by_words[resource] if one in alone]
                assert _ids(client, resource, q=q, **filters) == expected, (q, filters)
                first = _page(client, resource, 1, q=q, **filters)
                assert first["page"]["total"] == len(expected), (q, filters)
                ranked = _ids(client, resource, q=q, sort="relevance", **filters)
                assert sorted(ranked) == sorted(expected), (q, filters)
                some += 0 < len(expected) < len(alone)
    assert some > 20


def test_a_search_with_filters_finds_what_lists_of_each_resource_find(examples_url: str) -> None:
    lists = ("agencies", "jurisdictions", "plans", "platforms", "sections", "targets", "tasks")
    some = 0
    with TestClient(create_app(Settings(database_url=examples_url))) as client:
        for filters in IN_SEARCH:
            of_list = {name: one for name, one in filters.items() if name not in ("kind", "plan")}
            alone = {id_ for name in lists for id_ in _ids(client, name, **of_list)}
            kinds = {name: one for name, one in filters.items() if name in ("kind", "plan")}
            for q in (COMMON, "广东", "信息化", REFERENCE):
                expected = [one for one in _ids(client, "search", q=q, **kinds) if one in alone]
                assert _ids(client, "search", q=q, **filters) == expected, (q, filters)
                first = _page(client, "search", 1, q=q, **filters)
                assert first["page"]["total"] == len(expected), (q, filters)
                some += len(expected) > 1
    assert some > 10


@pytest.mark.parametrize(
    ("path", "is_read"),
    [
        ("tasks?year=2022", False),
        ("tasks?within=440000&role=lead&mode=builds", False),
        ("tasks?agency_kind=department&leaf=true&has_targets=false", False),
        ("targets?year=2022&strength=firm", False),
        ("platforms?year=2022", False),
        ("search?year=2022", False),
        ("search?within=440000&kind=task&kind=agency", False),
        ("tasks?role=lead&agency=gd-government-data", True),
    ],
)
def test_no_row_is_read_to_count_what_the_text_index_finds(
    uncached: TestClient, statements: list[str], path: str, is_read: bool
) -> None:
    q = {"platforms": "平台", "targets": "覆盖"}.get(path.partition("?")[0], COMMON)
    assert uncached.get(f"/v1/{path}&limit=1&q={q}").json()["page"]["total"] > 1
    (counting,) = (one for one in statements if "count(" in one and "search_index" in one)
    reads = any(f"{table}." in counting for table in ("task", "target", "search_entry", "plan"))
    assert reads == is_read


def test_entries_have_the_marks_of_their_rows(examples_url: str) -> None:
    engine = open_engine(examples_url)
    with Session(engine) as session:
        for kind in {one.resource: one for one in session.scalars(select(SearchEntry))}:
            of_kind = select(SearchEntry.id, SearchEntry.marks).where(SearchEntry.resource == kind)
            stored = {one.id: one.marks for one in session.execute(of_kind)}
            now = marks_of(session, BY_NAME[kind].model, [*stored])
            assert stored == {id_: now.get(id_, "") for id_ in stored}
            assert any("year 2022" in one for one in stored.values()), kind
    engine.dispose()
