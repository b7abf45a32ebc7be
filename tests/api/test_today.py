"""What is overdue changes at midnight in China, though nobody writes anything."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.support import PLAN
from tests.support.databases import Databases, fill
from tests.support.practice import REPORTS, TASK, Service, a_report, practising

LAST_SECOND = datetime(2022, 12, 31, 15, 59, 59, tzinfo=UTC)  # in China, of the plan's year
EVERY_FORM = [
    "/v1/tasks?overdue=true",
    "/v1/tasks?overdue=true&limit=1",  # whose total is counted by itself
    "/v1/tasks?overdue=false&limit=1",
    "/v1/tasks?overdue=true&format=csv",
    "/v1/tasks?overdue=true&format=ndjson",
    "/v1/tasks?period_ended=true",
    "/v1/targets?overdue=true",
    "/v1/targets?overdue=false",
    "/v1/facets/tasks/section?overdue=true",
    "/v1/facets/targets/kind?overdue=true",
    f"/v1/monitoring?plan={PLAN}",
]
STATED = "gd-dg-2022-t19.4"  # the one task that the notice states a date for


def fill_in_its_year(url: str) -> None:
    fill(url, datetime(2022, 2, 28, tzinfo=UTC))


@pytest.fixture
def service(databases: Databases) -> Iterator[Service]:
    with (
        databases.copy_of("loaded_in_its_year", fill_in_its_year) as url,
        practising(url) as alive,
    ):
        alive.now = LAST_SECOND
        yield alive


def total(service: Service, path: str) -> int:
    count: int = service.json(path)["page"]["total"]
    return count


def test_every_form_of_the_answer_is_another_one_after_midnight(service: Service) -> None:
    assert service.post(REPORTS, a_report()).status_code == 201  # data of this day, so kept
    before = {path: service.client.get(path) for path in EVERY_FORM}
    again = {path: service.client.get(path) for path in EVERY_FORM}
    assert total(service, "/v1/tasks?overdue=true") == 0
    service.now += timedelta(seconds=1)
    for path, answer in before.items():
        assert answer.status_code == 200, answer.text
        assert again[path].headers["etag"] == answer.headers["etag"], path
        conditions = [
            {"If-None-Match": answer.headers["etag"]},
            {"If-Modified-Since": answer.headers["last-modified"]},
        ]
        for condition in conditions:
            after = service.client.get(path, headers=condition)
            assert after.status_code == 200, path
            assert after.content != answer.content, path
        known = {"If-None-Match": after.headers["etag"]}
        assert service.client.get(path, headers=known).status_code == 304, path
    assert after.headers["last-modified"] == "Sat, 31 Dec 2022 16:00:00 GMT"


def test_within_a_day_the_same_response_is_cached_and_on_another_it_is_not(
    service: Service, statements: list[str]
) -> None:
    path = f"/v1/monitoring?plan={PLAN}"
    for moved, is_cached in (
        (timedelta(0), False),
        (timedelta(0), True),
        (timedelta(seconds=1), False),  # midnight
        (timedelta(hours=23, minutes=59), True),
        (timedelta(minutes=1), False),
        (timedelta(days=-1), False),  # a clock that was wrong
    ):
        service.now += moved
        statements.clear()
        answer = service.client.get(path)
        assert (not statements) is is_cached
        today = (service.now + timedelta(hours=8)).date()
        assert answer.json()["as_of"] == str(today)


def test_a_clock_that_is_behind_the_last_write_sends_another_tag_after_midnight(
    service: Service,
) -> None:
    service.now += timedelta(days=3)
    assert service.post(REPORTS, a_report()).status_code == 201
    service.now = LAST_SECOND
    before = {path: service.client.get(path) for path in EVERY_FORM}
    service.now += timedelta(seconds=1)
    for path, answer in before.items():
        after = service.client.get(path, headers={"If-None-Match": answer.headers["etag"]})
        assert after.status_code == 200, path


def test_overdue_and_not_overdue_are_all_there_is(service: Service) -> None:
    service.now += timedelta(days=1)
    for resource in ("tasks", "targets"):
        whole = total(service, f"/v1/{resource}")
        late = total(service, f"/v1/{resource}?overdue=true")
        assert 0 < late <= whole
        assert late + total(service, f"/v1/{resource}?overdue=false") == whole


def test_what_is_completed_is_past_nothing(service: Service) -> None:
    service.now += timedelta(days=1)

    def ids(query: str) -> list[str]:
        return [row["id"] for row in service.json(f"/v1/tasks?{query}&limit=1000")["data"]]

    for path, query in ((STATED, "overdue"), (TASK, "period_ended")):
        assert path in ids(f"{query}=true")
        report = service.post(f"/v1/tasks/{path}/reports", a_report(status="completed"))
        assert report.status_code == 201
        assert path not in ids(f"{query}=true")
        assert path in ids(f"{query}=false")


def test_what_is_past_by_a_stated_date_is_apart_from_the_end_of_the_period(
    service: Service,
) -> None:
    service.now += timedelta(days=1)
    for resource, stated, derived in (("tasks", 1, 9), ("targets", 2, 16)):
        path = f"/v1/{resource}"
        whole = total(service, path)
        assert total(service, f"{path}?overdue=true") == stated
        assert total(service, f"{path}?period_ended=true") == derived
        assert total(service, f"{path}?period_ended=false") == whole - derived
        assert total(service, f"{path}?overdue=true&period_ended=true") == 0
        both = total(service, f"{path}?overdue=false&period_ended=false")
        assert both == whole - stated - derived
        assert total(service, f"{path}?period_ended=true&overdue_on=2022-12-31") == 0
    for target in service.json("/v1/targets?period_ended=true")["data"]:
        assert target["due_basis"] == "plan_end"
    events = service.client.get("/v1/deadlines.ics?period_ended=true").text.count("BEGIN:VEVENT")
    assert events == 0  # nobody has set such a day


def test_a_day_may_be_given_for_another_today(service: Service) -> None:
    for resource in ("tasks", "targets"):
        day = f"/v1/{resource}?overdue_on=2023-01-01"
        late = service.json(day)["data"]
        assert late
        assert service.json(f"{day}&overdue=true")["data"] == late
        others = service.json(f"{day}&overdue=false")["data"]
        assert not {row["id"] for row in others} & {row["id"] for row in late}
        service.now += timedelta(days=1)
        assert service.json(f"/v1/{resource}?overdue=true")["data"] == late
        service.now -= timedelta(days=1)


def test_monitoring_is_of_today_where_no_day_is_given(service: Service) -> None:
    assert service.json(f"/v1/monitoring?plan={PLAN}")["as_of"] == "2022-12-31"
    service.now += timedelta(seconds=1)
    today = service.json(f"/v1/monitoring?plan={PLAN}")
    assert today == service.json(f"/v1/monitoring?plan={PLAN}&as_of=2023-01-01")
    late = service.json("/v1/tasks?overdue=true&leaf=true")["data"]
    assert [one["task"]["id"] for one in today["overdue"]] == [row["id"] for row in late]


def test_only_true_and_false_are_known(service: Service) -> None:
    for wrong in ("yes", "1", "", "2022-12-31"):
        refused = service.client.get(f"/v1/tasks?overdue={wrong}")
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["allowed"] == ["true", "false"]
