"""A moment is taken in whatever way a client writes it; everything was loaded at 2026-01-02T03:04:05Z."""

import pytest
from starlette.testclient import TestClient

from tests.support import LOADED_AT

AT_THE_MOMENT = [
    "2026-01-02T03:04:05Z",
    "2026-01-02T03:04:05.000000Z",
    "2026-01-02T03:04:05.0000000Z",  # C#, "o"
    "2026-01-02T03:04:05.000000000Z",  # Go, RFC3339Nano
    "2026-01-02T03:04:05." + "0" * 60 + "Z",
    "2026-01-02T11:04:05+08:00",
    "2026-01-02T03:04:05+00:00",  # Python, isoformat
    "2026-01-02T03:04:05-00:00",
    "2026-01-02T03:04:05+0000",  # Python, %z
    "2026-01-02T11:04:05+0800",
    "2026-01-01T23:34:05.0-0330",
    "2026-01-02t03:04:05z",
    "2026-01-02 03:04:05Z",
    "2026-01-02 11:04:05+08:00",
    "2026-01-02T03:04:05.0000009Z",  # what is finer than the data loses no row
]
A_MICROSECOND_LATER = [
    "2026-01-02T03:04:05.000001Z",
    "2026-01-02T11:04:05.0000010+08:00",
    "2026-01-02t03:04:05.000001999+0000",
]
NO_MOMENT = [
    "",
    "2026-01-02",
    "2026-01-02T03:04:05",
    "2026-01-02T03:04Z",
    "2026-01-02T03:04:05.Z",
    "2026-01-02T03:04:05,0Z",
    "2026-01-02T03:04:05+08",
    "2026-01-02T03:04:05+24:00",
    "2026-01-02T03:04:05+08:60",
    "2026-01-02T03:04:05 Z",
    "2026-01-02T03:04:05ZZ",
    "2026-01-02  03:04:05Z",
    " 2026-01-02T03:04:05Z",
    "2026-01-02T03:04:05Z\n",
    "2026-02-30T03:04:05Z",
    "2026-13-02T03:04:05Z",
    "2026-01-02T24:00:00Z",
    "2026-01-02T03:60:05Z",
    "2026-01-02T03:04:61Z",
    "2026-01-02T03:04:60Z",  # no leap second is put in there
    "2026-01-30T23:59:60Z",
    "2025-12-31T23:59:60+08:00",
    "20260102T030405Z",
    "2026-W01-5T03:04:05Z",
    "1767323045",
    "now",
    "２０２６-01-02T03:04:05Z",
    "+2026-01-02T03:04:05Z",
]


def changed_since(client: TestClient, moment: str) -> int:
    answer = client.get("/v1/tasks", params={"changed_since": moment, "limit": 1})
    assert answer.status_code == 200, answer.text
    total: int = answer.json()["page"]["total"]
    return total


@pytest.mark.parametrize("moment", AT_THE_MOMENT)
def test_any_way_to_write_a_moment_means_that_moment(client: TestClient, moment: str) -> None:
    assert changed_since(client, moment) == 76


@pytest.mark.parametrize("moment", A_MICROSECOND_LATER)
def test_the_moment_after_is_another_one(client: TestClient, moment: str) -> None:
    assert changed_since(client, moment) == 0


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("2026-01-02T03:04:05+00:00", 76),
        ("2026-01-02T03:04:05+0000", 76),
        ("2026-01-02+11:04:05+08:00", 76),
        ("2026-01-02T11:04:05.000001+08:00", 0),
    ],
)
def test_a_plus_that_was_not_escaped_is_still_a_plus(
    client: TestClient, query: str, rows: int
) -> None:
    answer = client.get(f"/v1/tasks?changed_since={query}")
    assert answer.status_code == 200, answer.text
    assert answer.json()["page"]["total"] == rows


def test_a_leap_second_is_the_second_before_it(client: TestClient) -> None:
    for moment in ("2025-12-31T23:59:60Z", "2026-01-01T07:59:60.5+08:00", "2016-12-31t23:59:60z"):
        assert changed_since(client, moment) == 76
    assert changed_since(client, "2026-01-31T23:59:60Z") == 0


def test_moments_at_the_ends_of_all_time_are_taken(client: TestClient) -> None:
    for moment in (
        "0001-01-01T00:00:00Z",  # Go and C#, of nothing
        "0001-01-01T00:00:00+08:00",
        "0000-02-29T00:00:00Z",
        "1000-01-01T00:00:00-23:59",
    ):
        assert changed_since(client, moment) == 76
    for moment in ("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59-23:59"):
        assert changed_since(client, moment) == 0


@pytest.mark.parametrize("moment", NO_MOMENT)
def test_what_is_no_moment_is_refused_with_the_right_form(client: TestClient, moment: str) -> None:
    answer = client.get("/v1/tasks", params={"changed_since": moment, "lang": "zh-Hans"})
    assert answer.status_code == 422, moment
    (error,) = answer.json()["errors"]
    assert error["name"] == "changed_since"
    assert "2022-02-28T08:00:00+08:00" in error["message"]


def test_dates_stay_days(client: TestClient) -> None:
    for day in ("2022-12-31T00:00:00Z", "2022-12-31 ", "20221231"):
        assert client.get("/v1/targets", params={"due_from": day}).status_code == 422


def test_responses_stay_in_utc(client: TestClient) -> None:
    assert changed_since(client, "2026-01-02T11:04:05+08:00") == 76
    (change,) = client.get("/v1/changes?limit=1").json()["data"]
    assert change["at"] == LOADED_AT.isoformat().replace("+00:00", "Z")
