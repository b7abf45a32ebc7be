"""Monitoring: how a plan stands at a day, with the numbers that the lists give."""

import random
from collections import namedtuple
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.cli.commands import grant_delegation
from app.enums import AgencyKind
from app.main import create_app
from app.resources.monitoring.queries import _PlanRows
from app.resources.monitoring.schemas import MonitoringQuery
from app.settings import Settings
from tests.support.databases import Databases
from tests.support.practice import LEAD, NOW, TASK, Service, practising
from tests.support.random_writes import random_write
from tests.support.years import fill_with_examples

PLAN = "plan=gd-dg-2022"
COLLECTIVES = {"gd-relevant-cities", "gd-all-cities", "gd-relevant-departments"}


@pytest.fixture
def service(loaded_url: str) -> Iterator[Service]:
    with practising(loaded_url) as alive:
        yield alive


def standing(service: Service, day: str, more: str = "") -> Any:
    return service.json(f"/v1/monitoring?{PLAN}&as_of={day}{more}")


def test_where_nobody_has_said_anything_all_is_not_reported(service: Service) -> None:
    found = standing(service, "2022-12-31")
    assert (found["tasks"], found["targets"]) == (66, 18)
    assert found["status"]["not_reported"] == 66
    assert found["attainment"] == {"not_reported": 18, "below": 0, "met": 0}
    assert found["overdue"] == found["period_ended"] == found["missed_milestones"] == []
    silent = {one["id"] for one in found["silent"]}
    assert {one["agency"]["id"] for one in found["agencies"]} - silent == COLLECTIVES
    assert (len(found["agencies"]), len(silent)) == (38, 35)


def test_dates_that_the_notice_does_not_state_are_not_overdue(service: Service) -> None:
    found = standing(service, "2023-01-01")
    targets = service.json("/v1/targets?limit=100")["data"]
    stated, derived = (
        {one["task"]["id"] for one in targets if one["task"] and one["due_basis"] in bases}
        for bases in (("stated", "inherited"), ("plan_end",))
    )
    assert stated
    assert {one["task"]["id"] for one in found["overdue"]} == stated
    assert {one["task"]["id"] for one in found["period_ended"]} == derived - stated
    assert found["due_soon"] == []
    soon = standing(service, "2022-12-31")["due_soon"]
    assert {one["task"]["id"] for one in soon} <= stated


def test_missed_milestones_are_listed_until_they_are_done(service: Service) -> None:
    path = f"/v1/tasks/{TASK}/milestones"
    made = service.post(path, {"title": "试验节点", "due_on": "2022-09-30"}).json()
    expected = {
        "id": made["id"],
        "title": "试验节点",
        "task": made["task"],
        "agency": made["agency"],
        "due_on": "2022-09-30",
    }
    assert standing(service, "2022-09-30")["missed_milestones"] == []
    late = standing(service, "2022-10-01")
    assert late["missed_milestones"] == [expected]
    assert late["overdue"] == []
    assert [one["missed_milestones"] for one in late["sections"]].count(1) == 1
    (lead,) = [one for one in late["agencies"] if one["agency"]["id"] == LEAD]
    assert lead["missed_milestones"] == 1

    def change(**what: str) -> None:
        etag = service.client.get(f"/v1/milestones/{made['id']}").headers["etag"]
        assert service.patch(f"/v1/milestones/{made['id']}", what, If_Match=etag).is_success

    change(kind="moved", day="2022-10-31", reason="试验")
    assert standing(service, "2022-10-01")["missed_milestones"] == []
    change(kind="done", day="2022-11-15")
    assert len(standing(service, "2022-11-14")["missed_milestones"]) == 1
    assert standing(service, "2022-11-15")["missed_milestones"] == []


def test_a_dropped_milestone_is_not_missed(service: Service) -> None:
    path = f"/v1/tasks/{TASK}/milestones"
    made = service.post(path, {"title": "试验节点", "due_on": "2022-09-30"})
    etag = {"If_Match": made.headers["etag"]}
    dropped = service.patch(
        f"/v1/milestones/{made.json()['id']}", {"kind": "dropped", "reason": "试验"}, **etag
    )
    assert dropped.is_success
    assert standing(service, "2022-12-31")["missed_milestones"] == []


def test_it_has_the_numbers_of_the_lists_whatever_is_written(service: Service) -> None:
    chance = random.Random(11)  # noqa: S311 - the same each time
    for _ in range(3):
        for _ in range(15):
            random_write(service, chance)
        for day in ("2023-01-01", "2022-12-31"):
            compare_with_the_lists(service, day)


def compare_with_the_lists(service: Service, day: str) -> None:
    found = standing(service, day)

    def total(path: str) -> int:
        counted: int = service.json(f"{path}&limit=1")["page"]["total"]
        return counted

    for status, count in found["status"].items():
        assert total(f"/v1/tasks?{PLAN}&leaf=true&status={status}") == count
        for one in found["sections"]:
            path = f"/v1/tasks?leaf=true&section={one['section']['id']}&status={status}"
            assert total(path) == one["status"][status]
        for one in found["agencies"][:8]:
            path = f"/v1/tasks?{PLAN}&leaf=true&agency={one['agency']['id']}&status={status}"
            assert total(path) == one["status"][status]
    for status, count in found["attainment"].items():
        assert total(f"/v1/targets?{PLAN}&attainment={status}") == count
    late = service.json(f"/v1/tasks?{PLAN}&leaf=true&overdue_on={day}&limit=1000")["data"]
    assert sorted(t["id"] for t in late) == sorted(one["task"]["id"] for one in found["overdue"])
    ended = service.json(
        f"/v1/tasks?{PLAN}&leaf=true&period_ended=true&overdue_on={day}&limit=1000"
    )["data"]
    assert sorted(t["id"] for t in ended) == sorted(
        one["task"]["id"] for one in found["period_ended"]
    )
    for name in ("overdue", "period_ended", "missed_milestones"):
        assert sum(one[name] for one in found["sections"]) == len(found[name])
    for one in found["agencies"]:
        path = f"/v1/reports?agency={one['agency']['id']}&state=in_force&as_of_to={day}"
        assert total(path) == one["reports"]
        is_collective = one["agency"]["id"] in COLLECTIVES
        assert (one["agency"] in found["silent"]) is (one["reports"] == 0 and not is_collective)


def test_history_can_be_asked(service: Service) -> None:
    service.report(as_of="2022-03-31", status="on_track")
    service.report(as_of="2022-06-30", status="delayed")
    service.report(as_of="2022-12-31", status="completed")
    named = {day: standing(service, day)["status"] for day in
             ("2022-03-30", "2022-03-31", "2022-06-30", "2022-12-31")}  # fmt: skip
    assert [named[day]["not_reported"] for day in named] == [66, 65, 65, 65]
    assert [named[day]["on_track"] for day in named] == [0, 1, 0, 0]
    assert [named[day]["delayed"] for day in named] == [0, 0, 1, 0]
    assert [named[day]["completed"] for day in named] == [0, 0, 0, 1]
    assert TASK not in [one["task"]["id"] for one in standing(service, "2023-01-01")["overdue"]]


def test_who_is_silent_depends_on_the_period(service: Service) -> None:
    service.report(as_of="2022-03-31")

    def silent(more: str) -> list[str]:
        return [a["id"] for a in standing(service, "2022-06-30", more)["silent"]]

    assert LEAD not in silent("")
    assert LEAD not in silent("&since=2022-03-31")
    assert LEAD in silent("&since=2022-04-01")


def test_a_collective_is_never_silent_and_shows_who_spoke_for_it(service: Service) -> None:
    with service.session() as session:
        grant_delegation(session, "gd-relevant-departments", "gd-energy", NOW)
    body = {"as_of": "2022-06-30", "status": "on_track", "summary": "试验"}
    assert service.post("/v1/tasks/gd-dg-2022-t26/reports", body, agency="gd-energy").is_success
    found = standing(service, "2022-06-30")
    silent = [agency["id"] for agency in found["silent"]]
    assert COLLECTIVES.isdisjoint(silent)
    assert "gd-energy" in silent  # of its own tasks it has said nothing
    reports = {one["agency"]["id"]: one["reports"] for one in found["agencies"]}
    assert [reports[one] for one in sorted(COLLECTIVES)] == [0, 0, 1]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("as_of=2022-12-31", "plan"), ("plan=x&as_of=2022-12-31", "plan"),
        (f"{PLAN}&as_of=today", "as_of"), (f"{PLAN}&as_of=2022-12-31&since=2023-01-01", "since"),
        (f"{PLAN}&as_of=2022-12-31&due_soon=2022-01-01", "due_soon"),
        (f"{PLAN}&as_of=2022-12-31&x=1", "x"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(client: TestClient, query: str, name: str) -> None:
    answer = client.get(f"/v1/monitoring?{query}")
    assert answer.status_code == 422
    assert [error["name"] for error in answer.json()["errors"]] == [name]


@pytest.fixture(scope="module")
def several(databases: Databases) -> Iterator[TestClient]:
    """The notice beside plans of other governments and years."""
    with databases.copy_of("examples", fill_with_examples) as url:
        app = create_app(Settings(database_url=url, webhook_delivery=False))
        with TestClient(app, raise_server_exceptions=False) as client:
            yield client


@pytest.mark.parametrize(
    ("query", "plans"),
    [
        ("jurisdiction=广东省", ["gd-dg-2022"]),
        ("within=100000&year=2022", ["gd-dg-2022"]),
        ("series=example-province-digital-government&year=2026", ["example-province-2026"]),
        (
            "jurisdiction=990000",
            ["example-province-2025", "example-province-2026"],
        ),
        (
            "",
            [
                "example-city-2026", "example-nation-2025", "example-province-2025",
                "example-province-2026", "gd-dg-2022",
            ],
        ),
        ("jurisdiction=990000&year=1999", None),
        (f"{PLAN}&jurisdiction=990000", None),
    ],
)  # fmt: skip
def test_filters_that_leave_one_plan_are_taken_in_place_of_it(
    several: TestClient, query: str, plans: list[str] | None
) -> None:
    answer = several.get(f"/v1/monitoring?as_of=2022-12-31&{query}")
    if plans is not None and len(plans) == 1:
        whole = several.get(f"/v1/monitoring?as_of=2022-12-31&plan={plans[0]}")
        assert (answer.status_code, answer.content) == (200, whole.content)
    else:
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert (error["name"], error["allowed"]) == ("plan", plans)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_first_and_the_last_day_are_days(client: TestClient, day: str) -> None:
    assert client.get(f"/v1/monitoring?{PLAN}&as_of={day}").status_code == 200


class CountedRows(list[Any]):
    """Rows that count how often all of them are read."""

    times = 0

    def __iter__(self) -> Iterator[Any]:
        self.times += 1
        return super().__iter__()


def times_read(agencies: int) -> dict[str, int]:
    """How often each list of rows is read for a plan whose sections have an agency and a task each."""
    numbers = range(agencies)
    section = namedtuple("section", "id code title")
    task = namedtuple("task", "id code title section_id span_start")
    assignment = namedtuple("assignment", "task_id id name kind")
    rows: dict[str, list[Any]] = {
        "sections": [section(f"s{n}", str(n), "部分") for n in numbers],
        "tasks": [task(f"t{n}", str(n), "任务", f"s{n}", n) for n in numbers],
        "assigned": [assignment(f"t{n}", f"a{n}", "省厅", AgencyKind.DEPARTMENT) for n in numbers],
        **{name: [] for name in ("reports", "targets", "milestones", "measurements")},
    }
    counted = {name: CountedRows(one) for name, one in rows.items()}
    params = MonitoringQuery(as_of=date(2022, 12, 31))
    made = _PlanRows(**counted).monitoring(params, "plan", date(2022, 12, 31))
    assert [one.tasks for one in made.sections] == [1] * agencies
    assert [one.reports for one in made.agencies] == [0] * agencies
    return {name: one.times for name, one in counted.items()}


def test_rows_are_not_read_again_for_each_agency_and_section() -> None:
    assert times_read(3) == times_read(30)
