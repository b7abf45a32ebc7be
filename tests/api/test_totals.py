"""Totals by filters that most tasks meet are summed from what each plan has counted."""

from collections.abc import Iterator
from itertools import product
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from app.enums import AgencyKind, MentionMode, Role
from app.main import create_app
from app.settings import Settings
from tests.support.databases import Databases
from tests.support.years import fill_with_examples

PLANS: tuple[dict[str, str], ...] = (
    {},
    {"year": "2025"},
    {"within": "990000"},
    {"year": "2022", "jurisdiction": "440000"},
)
SEVERAL: list[tuple[str, dict[str, list[str]]]] = [
    ("tasks", {"role": ["lead", "guide"]}),
    ("tasks", {"role": ["lead"], "agency_kind": ["department", "party_organ"]}),
    ("tasks", {"role": ["support"], "agency_kind": ["government"], "year": ["2025", "2026"]}),
    ("tasks", {"mode": ["builds", "upgrades"]}),
    ("tasks", {"mode": ["uses"], "role": ["lead"]}),
    ("tasks", {"role": ["lead"], "leaf": ["true"]}),
    ("tasks", {"agency_kind": ["department"], "leaf": ["false"], "year": ["2025"]}),
    ("tasks", {"mode": ["uses"], "leaf": ["true"]}),
    ("tasks", {"leaf": ["false"]}),
    ("tasks", {"has_targets": ["true"], "leaf": ["true"], "level": ["item", "subitem"]}),
    ("tasks", {"has_targets": ["false"], "within": ["990000"]}),
    ("tasks", {"role": ["lead"], "level": ["item"]}),
    ("tasks", {"overdue": ["false"], "overdue_on": ["2026-06-30"]}),
    ("tasks", {"overdue": ["false"], "overdue_on": ["2026-06-30"], "year": ["2022"]}),
    ("tasks", {"overdue": ["false"], "period_ended": ["false"], "overdue_on": ["2026-06-30"]}),
    ("tasks", {"status": ["not_reported", "completed"], "year": ["2022", "2026"]}),
    ("tasks", {"status": ["not_reported"], "role": ["lead"]}),
    ("targets", {"attainment": ["not_reported"]}),
    ("targets", {"attainment": ["met"], "year": ["2025"]}),
    ("targets", {"strength": ["firm", "aim"], "kind": ["quantitative"], "year": ["2025"]}),
    ("targets", {"comparator": ["gte"], "recurrence": ["yearly", "monthly"]}),
    ("targets", {"recurrence": ["monthly"], "within": ["990000"]}),
    ("targets", {"role": ["support"]}),
    ("targets", {"year": ["2022"]}),
    ("agencies", {"year": ["2025", "2026"]}),
    ("agencies", {"year": ["2025", "2022"], "role": ["support", "guide"]}),
    ("agencies", {"year": ["1999"]}),
    ("agencies", {"year": ["2025"], "kind": ["department"]}),
    ("platforms", {"year": ["2025", "2026"]}),
    ("platforms", {"year": ["1999"]}),
    ("platforms", {"mode": ["builds", "upgrades"]}),
    ("platforms", {"year": ["2022"], "mode": ["mentions"]}),
    ("platforms", {"year": ["2026"], "mode": ["builds"]}),
    ("platforms", {"year": ["2025"], "kind": ["system"]}),
]


@pytest.fixture(scope="module")
def examples_url(databases: Databases) -> Iterator[str]:
    with databases.copy_of("examples", fill_with_examples) as url:
        yield url


def _numbers(client: TestClient, path: str) -> tuple[int, int]:
    """The total that a page of one row gives, and the rows of the whole list."""
    whole = client.get(f"{path}&limit=1000").json()
    assert not whole["page"]["next"]
    first = client.get(f"{path}&limit=1")
    assert first.status_code == 200, first.text
    return first.json()["page"]["total"], len(whole["data"])


def test_totals_are_those_of_the_lists(examples_url: str) -> None:
    one: list[tuple[str, dict[str, list[str]]]] = [
        ("tasks", {name: [value], **{key: [given] for key, given in plans.items()}})
        for name, values in (("role", Role), ("agency_kind", AgencyKind), ("mode", MentionMode))
        for value, plans in product(values, PLANS)
    ]
    one += [
        (resource, {name: [value], **more})
        for resource, name, values in (
            ("agencies", "role", Role),
            ("platforms", "mode", MentionMode),
        )
        for value, more in product(values, ({}, {"year": ["2025"]}))
    ]
    with TestClient(create_app(Settings(database_url=examples_url))) as client:
        found = {}
        for resource, filters in [*one, *SEVERAL]:
            path = f"/v1/{resource}?{urlencode(filters, doseq=True)}"
            found[path], rows = _numbers(client, path)
            assert found[path] == rows, path
    assert sum(number > 1 for number in found.values()) > 20


@pytest.mark.parametrize(
    ("path", "is_read"),
    [
        ("tasks?role=lead&agency_kind=department", False),
        ("tasks?mode=mentions&year=2022", False),
        ("tasks?year=2022", False),
        ("targets?role=lead", False),
        ("agencies?role=lead", False),
        ("agencies?role=lead&year=2022", False),
        ("agencies?kind=department&year=2022", False),
        ("agencies?role=lead&plan=gd-dg-2022", True),
        ("platforms?year=2022&mode=mentions", False),
        ("platforms?year=2022&kind=platform", False),
        ("tasks?role=lead&leaf=true", False),
        ("tasks?level=item&has_targets=false", False),
        ("tasks?role=lead&status=not_reported", True),
    ],
)
def test_no_task_is_read_for_a_total(
    uncached: TestClient, statements: list[str], path: str, is_read: bool
) -> None:
    assert uncached.get(f"/v1/{path}&limit=1").json()["page"]["total"] > 1
    counting = [one for one in statements if "count(" in one]
    assert any("task." in one or "mention." in one for one in counting) == is_read
