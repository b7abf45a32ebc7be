"""What operators write on the command line: names as people say them, days as they are in China."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.__main__ import main
from app.clock import CHINA
from app.db.models import ApiKey
from app.writing.audit_log import lines_after
from tests.support.databases import Databases
from tests.support.practice import LEAD, REPORTS, SECRET, a_report, practising
from tests.support.years import fill_with_examples

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    loaded_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    monkeypatch.setenv("WORKPLAN_DATABASE_URL", loaded_url)
    monkeypatch.setenv("WORKPLAN_KEY_SECRET", SECRET)

    def run(*words: str) -> tuple[int, str, str]:
        status = main(list(words))
        return status, *capsys.readouterr()

    return run


ISSUE = ("keys", "issue", "--role", "reporter", "--holder", "张三", "--agency")


def test_a_key_ends_with_its_last_day_in_china(run: Run, loaded_url: str) -> None:
    day = (datetime.now(CHINA) + timedelta(days=30)).date()
    status, out, told = run(*ISSUE, LEAD, "--expires", str(day))
    assert status == 0
    end = f"{day + timedelta(days=1)}T00:00:00+08:00"
    assert f"It expires at {end}." in told
    assert end in run("keys", "list")[1]
    headers = {"Authorization": f"Bearer {out.strip()}", "Idempotency-Key": "1"}
    with practising(loaded_url) as service:
        for seconds, status in ((-1, 201), (0, 401)):
            service.now = datetime.fromisoformat(end).astimezone(UTC) + timedelta(seconds=seconds)
            answer = service.client.post(REPORTS, json=a_report(), headers=headers)
            assert answer.status_code == status


@pytest.mark.parametrize("words", [(*ISSUE, LEAD), ("epoch", "new")])
def test_nothing_is_shown_that_is_not_committed(
    run: Run, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    def fail(_: Session) -> None:
        raise OSError("disk full")

    event.listen(Session, "before_commit", fail)
    try:
        with pytest.raises(OSError, match="disk full"):
            run(*words)
    finally:
        event.remove(Session, "before_commit", fail)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("offset", ["+08:00", "Z", "z", "-03:30"])
def test_a_key_may_end_at_any_moment(run: Run, loaded_url: str, offset: str) -> None:
    day = (datetime.now(UTC) + timedelta(days=30)).date()
    status, out, _ = run(*ISSUE, LEAD, "--expires", f"{day}T18:30:00{offset}")
    assert status == 0
    with practising(loaded_url) as service, service.session() as session:
        stored = session.get_one(ApiKey, out.split("_")[1])
        assert stored.expires_at == datetime.fromisoformat(f"{day}T18:30:00{offset.upper()}")


@pytest.mark.parametrize(
    "end", ["2027-02-30", "20270630", "2027-W26", "tomorrow", "2027-06-30T18:00", "9999-12-31", ""]
)
def test_what_is_no_day_and_no_moment_is_refused_with_the_right_form(run: Run, end: str) -> None:
    with pytest.raises(SystemExit) as refused:
        run(*ISSUE, LEAD, "--expires", end)
    assert refused.value.code == 2


def test_a_day_that_is_over_or_too_far_is_refused(run: Run) -> None:
    for end in ("2020-01-01", "2999-01-01"):
        status, out, told = run(*ISSUE, LEAD, "--expires", end)
        assert (status, out) == (2, "")
        assert "within a year from now" in told


@pytest.mark.parametrize("name", ["gd-energy", "省能源局", "广东省能源局", "廣東省能源局"])
def test_an_agency_is_named_as_people_call_it(run: Run, loaded_url: str, name: str) -> None:
    status, out, _ = run(*ISSUE, name)
    assert status == 0
    with practising(loaded_url) as service, service.session() as session:
        assert session.get_one(ApiKey, out.split("_")[1]).agency_id == "gd-energy"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("公安局", "Did you mean 公安厅"),
        (
            "地市政府",
            "may mean gd-all-cities (广东省 440000), gd-relevant-cities (广东省 440000); use the id",
        ),
        ("没有这个单位", "/v1/agencies lists all"),
        ("", "lists all"),
    ],
)
def test_an_unknown_or_ambiguous_agency_is_refused_with_near_names(
    run: Run, name: str, told: str
) -> None:
    for words in (
        (*ISSUE, name),
        ("delegations", "grant", "省有关部门", name),
        ("delegations", "revoke", name, "省能源局"),
    ):
        status, out, why = run(*words)
        assert (status, out) == (2, "")
        assert told in why


def test_collectives_are_named_as_people_call_them(run: Run) -> None:
    assert run("delegations", "grant", "省有关部门", "省能源局")[0] == 0
    assert "gd-relevant-departments\tgd-energy\t20" in run("delegations", "list")[1]
    assert run("delegations", "revoke", "省有关部门", "省能源局")[0] == 0
    assert run("delegations", "list")[1] == "collective\tagency\tsince\n"


@pytest.mark.parametrize("role", ["coordinator", "assessor"])
def test_keys_of_coordinators_and_assessors_need_a_jurisdiction(
    run: Run, loaded_url: str, role: str
) -> None:
    issue = ("keys", "issue", "--role", role, "--holder", "张三")
    status, out, told = run(*issue)
    assert (status, out) == (2, "")
    assert "--jurisdiction is required" in told
    assert run(*issue, "--jurisdiction", "无此省")[0] == 2
    status, out, _ = run(*issue, "--jurisdiction", "廣東省")
    assert status == 0
    name = out.split("_")[1]
    assert run("keys", "rotate", name)[0] == 0
    rows = [line.split("\t") for line in run("keys", "list")[1].splitlines()]
    assert [row[3] for row in rows] == ["jurisdiction", "440000", "440000"]
    with practising(loaded_url) as service, service.session() as session:
        lines = [json.loads(row.line) for row in lines_after(session)]
    assert {line["jurisdiction"] for line in lines if line["key"] == name} == {"440000"}


def test_a_jurisdiction_decides_whose_agency_a_reporter_writes_for(
    run: Run, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    with databases.copy_of("examples", fill_with_examples) as url:
        monkeypatch.setenv("WORKPLAN_DATABASE_URL", url)
        for more, agency in (
            ((), "gd-public-security"),
            (("--jurisdiction", "示例省"), "example-province-public-security"),
        ):
            _, out, _ = run(*ISSUE, "省公安厅", *more)
            with practising(url) as service, service.session() as session:
                key = session.get_one(ApiKey, out.split("_")[1])
                assert (key.agency_id, key.jurisdiction_code) == (agency, None)
