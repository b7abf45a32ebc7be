"""A page has the same rows from whichever side it is read."""

from collections.abc import Iterator
from itertools import cycle
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from app.db.engine import open_engine
from app.db.models import Plan, PlanYear, Section, Target, Task
from app.main import create_app
from app.reading.ways import ANY
from app.settings import Settings
from tests.support.databases import Databases
from tests.support.years import fill_with_examples

COMMITMENTS = ("notice", "-notice", "code", "title", "due_on", "-due_on", "changed_at")
FILTERS: list[dict[str, Any]] = [
    {"year": 2025},
    {"year": [2022, 2026]},
    {"year": 1999},
    {"within": "990000", "year": [2025, 2026]},
    {"within": "990000", "role": "support"},
    {"jurisdiction": "990100", "role": "guide"},
    {"role": "guide", "agency_kind": "department", "year": 2025},
    {"mode": "builds", "role": "lead"},
    {"within": "100000", "leaf": "true"},
    {"year": 2022, "status": "completed"},
    {"status": "not_reported", "within": "990000"},
    {"level": "measure", "has_targets": "true"},
    {"role": "lead", "leaf": "false"},
    {"year": 2025, "changed_since": "2022-02-28T00:00:00Z"},
    {"overdue": "true", "overdue_on": "2026-06-30"},
    {"overdue": "true", "overdue_on": "2027-01-01", "year": 2025},
    {"overdue": "true", "overdue_on": "2023-01-01", "within": "440000", "role": "lead"},
    {"overdue": "false", "overdue_on": "2026-06-30", "year": 2025},
]


@pytest.fixture(scope="module")
def examples_url(databases: Databases) -> Iterator[str]:
    with databases.copy_of("examples", fill_with_examples) as url:
        yield url


def _ids(client: TestClient, path: str, limit: int) -> list[str]:
    """All rows, page by page."""
    found: list[str] = []
    cursor = ""
    while True:
        response = client.get(f"{path}&limit={limit}{cursor}")
        assert response.status_code == 200, response.text
        page = response.json()
        found += [row["id"] for row in page["data"]]
        if page["page"]["next"] is None:
            return found
        cursor = f"&cursor={page['page']['next']}"


def test_pages_are_the_same_from_few_plans_from_many_and_as_the_planner_likes(
    examples_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sorts = cycle(COMMITMENTS)
    of_registry = cycle(("notice", "title", "-changed_at"))
    lists = [("tasks", next(sorts), one) for one in (*FILTERS, *FILTERS[:5])]
    lists += [("targets", next(sorts), one) for one in FILTERS[:6]]
    lists += [("sections", sort, FILTERS[1]) for sort in ("-title", "notice")]
    lists += [
        (resource, next(of_registry), one)
        for resource, more in (("agencies", {"role": "lead"}), ("platforms", {"mode": "builds"}))
        for one in ({"year": 2025}, {"year": [2022, 2026]}, {"year": 2025, **more}, {"year": 1999})
    ]

    async def as_before(*_: object) -> object:
        return ANY

    several = 0
    with TestClient(create_app(Settings(database_url=examples_url))) as client:
        for resource, sort, filters in lists:
            path = f"/v1/{resource}?{urlencode({**filters, 'sort': sort}, doseq=True)}"
            with monkeypatch.context() as patched:
                patched.setattr("app.reading.listing.way_of", as_before)
                expected = _ids(client, path, 1000)
            few = _ids(client, path, 141)
            with monkeypatch.context() as patched:
                patched.setattr("app.reading.ways.MOST_HELD", 0)
                assert _ids(client, path, 142) == expected, path
            with monkeypatch.context() as patched:
                for most in ("FEW", "RARE", "RARE_ROWS"):
                    patched.setattr(f"app.reading.ways.{most}", 0)
                many = _ids(client, path, 143)
            assert few == expected, path
            assert many == expected, path
            several += len(expected) > 50
    assert several > 8


def test_rows_have_the_years_of_their_plan(examples_url: str) -> None:
    engine = open_engine(examples_url)
    with engine.connect() as connection:
        years = {plan: set[int]() for plan in connection.scalars(select(Plan.id))}
        for plan, year in connection.execute(select(PlanYear.plan_id, PlanYear.year)):
            years[plan].add(year)
        for table in (Section, Task, Target):
            for plan, period in connection.execute(select(table.plan_id, table.period).distinct()):
                first_and_last = period.split("-") if period else ()
                assert [*map(int, first_and_last)] == [
                    f(years[plan]) for f in (min, max) if years[plan]
                ]
    engine.dispose()
    assert {len(one) for one in years.values()} >= {1}
