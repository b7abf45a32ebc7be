"""Deadlines as iCalendar: read by another library, and byte by byte where libraries are lenient."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import update
from starlette.testclient import TestClient

from app.db.models import Agency, Delegation, Target
from app.enums import Script
from app.http.languages import in_script
from app.main import create_app
from app.projections.change_feed import raise_revision
from app.resources.deadlines.ics import as_calendar
from app.resources.deadlines.queries import Deadlines
from app.settings import Settings
from seed.load import load
from seed.notice_files import ReadNotice
from seed.registry import Registry
from tests.support import ONE_FORM
from tests.support.databases import Databases
from tests.support.notices import corrected
from tests.support.practice import LEAD, NOW, TASK, Service, practising

if TYPE_CHECKING:
    from ical.calendar import Calendar
    from ical.event import Event

PATH = "/v1/deadlines.ics"
CALENDAR = "text/calendar"
BY_SECTION, BY_TASK = "gd-dg-2022-s2-k1", "gd-dg-2022-t19.4-k1"  # 力争在年内…, 年内实现…
FINANCE = "gd-finance"  # it leads task 19.4
MADE_BY = "@work-plan-api.invalid"
LONGEST_LINE = 75  # octets (RFC 5545, section 3.1)


@pytest.fixture
def service(loaded_url: str) -> Iterator[Service]:
    with practising(loaded_url) as alive:
        yield alive


@pytest.fixture(scope="module")
def scheduled(databases: Databases) -> Iterator[Service]:
    """With milestones: m1 planned, m2 done, m3 dropped; for tests that only read."""
    with databases.loaded() as url, practising(url) as alive:
        for day in ("2022-09-30", "2022-10-31", "2099-12-31"):
            add(alive, due_on=day)
        change(alive, f"{TASK}-m2", kind="done", day="2022-10-20")
        change(alive, f"{TASK}-m3", kind="dropped", reason="试验：不再需要")
        yield alive


def add(service: Service, task: str = TASK, agency: str = LEAD, **changes: Any) -> str:
    said = {"title": "试验：完成方案", "due_on": "2022-09-30", **changes}
    made = service.post(f"/v1/tasks/{task}/milestones", said, agency=agency)
    assert made.status_code == 201, made.text
    id_: str = made.json()["id"]
    return id_


def change(service: Service, id_: str, **said: Any) -> None:
    assert service.patch(f"/v1/milestones/{id_}", said, If_Match="*").status_code == 200


def read(text: str) -> "Calendar":
    from ical.calendar_stream import IcsCalendarStream  # here, as it takes 0.6 s in each process

    return IcsCalendarStream.calendar_from_ics(text)


def events(client: TestClient, path: str = PATH) -> "dict[str, Event]":
    """The events of a calendar by the id of what they are of, in their order."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    found = {str(event.uid).removesuffix(MADE_BY): event for event in read(answer.text).events}
    assert all(str(event.uid).endswith(MADE_BY) for event in read(answer.text).events)
    return found


def test_stated_days_are_in_it_and_derived_ones_are_not(client: TestClient) -> None:
    found = events(client)
    targets = client.get("/v1/targets?limit=1000").json()["data"]
    stated = {one["id"]: one for one in targets if one["due_basis"] == "stated"}
    assert found.keys() == stated.keys()
    assert 0 < len(stated) < len(targets)
    for id_, event in found.items():
        assert event.dtstart == date.fromisoformat(stated[id_]["due_on"])
        assert stated[id_]["statement"] in str(event.description)
    assert found[BY_TASK].summary == "目标：相关省直部门全覆盖"
    assert "省财政厅" in str(found[BY_TASK].description)


def test_a_milestone_is_in_it_at_once_and_every_change_of_it(service: Service) -> None:
    assert list(events(service.client)) == [BY_SECTION, BY_TASK]
    id_ = add(service)
    first = events(service.client)[id_]
    assert (first.dtstart, first.summary, first.status, first.sequence) == (
        date(2022, 9, 30), "节点：试验：完成方案", "CONFIRMED", 0,
    )  # fmt: skip
    service.now += timedelta(hours=1)
    change(service, id_, kind="moved", day="2022-10-31", reason="试验：等待立项")
    moved = events(service.client)[id_]
    assert (moved.dtstart, moved.status) == (date(2022, 10, 31), "CONFIRMED")
    assert "原定：2022-09-30" in str(moved.description)
    assert "改期：试验：等待立项" in str(moved.description)
    service.now += timedelta(hours=1)
    change(service, id_, kind="done", day="2022-10-20")
    done = events(service.client)[id_]
    assert (done.dtstart, done.summary) == (date(2022, 10, 31), "节点（已完成）：试验：完成方案")
    assert "已完成（2022-10-20）" in str(done.description)
    assert [event.sequence for event in (first, moved, done)] == [0, 1, 2]
    assert len({event.uid for event in (first, moved, done)}) == 1
    assert [event.dtstamp for event in (first, moved, done)] == [
        NOW, NOW + timedelta(hours=1), NOW + timedelta(hours=2),
    ]  # fmt: skip
    assert all(event.last_modified == event.dtstamp for event in (first, moved, done))


def test_a_dropped_milestone_is_cancelled(scheduled: Service) -> None:
    dropped = events(scheduled.client)[f"{TASK}-m3"]
    assert (dropped.status, dropped.summary) == ("CANCELLED", "节点（已取消）：试验：完成方案")


def test_a_target_that_is_met_says_so_and_has_another_sequence(service: Service) -> None:
    before = events(service.client)[BY_TASK]
    said = {"as_of": "2022-06-30", "value": 100, "unit": "%", "method": "试验：计数。"}
    measured = service.post(f"/v1/targets/{BY_TASK}/measurements", said, agency=FINANCE)
    assert measured.status_code == 201, measured.text
    after = events(service.client)[BY_TASK]
    assert (before.summary, after.summary) == (
        "目标：相关省直部门全覆盖", "目标（已达到）：相关省直部门全覆盖",
    )  # fmt: skip
    assert (before.sequence, after.sequence) == (0, 1)
    assert (after.uid, after.dtstamp) == (before.uid, NOW)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "m1 m2 k1 k1 m3"),
        ("plan=gd-dg-2022&due_to=2022-10-30", "m1"),
        ("due_from=2022-10-31&due_to=2022-12-30", "m2"),
        ("overdue_on=2022-12-31", "m1"),
        ("overdue_on=2023-01-01&section=gd-dg-2022-s2", "k1"),
        (f"task={TASK}", "m1 m2 m3"),
        ("task=gd-dg-2022-t19.4", "k1"),
        ("section=gd-dg-2022-s4", "m1 m2 k1 m3"),
        ("section=gd-dg-2022-s2", "k1"),
        ("agency=省财政厅", "k1"),
        ("agency=省政务服务数据管理局", "m1 m2 k1 m3"),
        ("agency=省政務服務數據管理局&role=lead", "m1 m2 k1 m3"),
        ("agency=省政数局&role=guide", ""),
        ("role=guide", ""),
        (f"id={TASK}-m1&id={BY_SECTION}&id=none", "m1 k1"),
        ("kind=coverage", "k1"),
        ("kind=quantitative", ""),
        ("attainment=met", ""),
        ("attainment=not_reported", "k1 k1"),
        ("q=突破", "k1"),
        ("q=方案", ""),
        ("changed_since=2026-02-01T00:00:00Z", "m1 m2 m3"),
        ("changed_since=2027-01-01T00:00:00Z", ""),
    ],
)
def test_the_filters_of_targets_hold_for_milestones_where_they_can(
    scheduled: Service, query: str, expected: str
) -> None:
    found = events(scheduled.client, f"{PATH}?{query}")
    kinds = [id_.rpartition("-")[2] for id_ in found]
    assert sorted(kinds) == sorted(expected.split())
    days = [str(event.dtstart) for event in found.values() if "-m" in str(event.uid)]
    assert days == sorted(days)


def test_the_calendar_of_an_agency_is_the_calendar_filtered_by_it(scheduled: Service) -> None:
    client = scheduled.client
    for agency in client.get("/v1/agencies?limit=1000").json()["data"]:
        own = events(client, f"/v1/agencies/{agency['id']}/deadlines.ics")
        assert own == events(client, f"{PATH}?agency={agency['id']}")
    titled = client.get(f"/v1/agencies/{FINANCE}/deadlines.ics").text
    assert "\r\nX-WR-CALNAME:省财政厅：工作要点时限\r\n" in titled
    some = events(client, f"/v1/agencies/{LEAD}/deadlines.ics?role=lead&due_to=2022-09-30")
    assert list(some) == [f"{TASK}-m1"]


def test_what_an_agency_has_set_for_a_collective_is_in_its_calendar(service: Service) -> None:
    agency, path = "gd-energy", "/v1/agencies/gd-energy/deadlines.ics"
    with service.session() as session:  # the agency of the task stands for a collective
        session.add(Delegation(collective_id=LEAD, agency_id=agency, granted_at=NOW))
    id_ = add(service, agency=agency)
    assert id_ in events(service.client, path)
    assert id_ in events(service.client, f"/v1/agencies/{LEAD}/deadlines.ics")
    assert id_ not in events(service.client, f"{path}?role=lead")


def test_what_is_withdrawn_is_left_out(
    service: Service, registry: Registry, notice: ReadNotice
) -> None:
    leads = service.json("/v1/tasks/gd-dg-2022-t30")["assignments"][0]["agency"]["id"]
    id_ = add(service, "gd-dg-2022-t30", leads)
    assert id_ in events(service.client)
    with service.session() as session:
        load(session.get_bind(), registry, [corrected(notice)], NOW)  # type: ignore[arg-type]
    assert service.client.get("/v1/tasks/gd-dg-2022-t30").status_code == 410
    assert list(events(service.client)) == [BY_SECTION, BY_TASK]
    with service.session() as session:
        session.execute(update(Target).where(Target.id == BY_TASK).values(withdrawn_at=NOW))
        session.execute(update(Agency).where(Agency.id == leads).values(withdrawn_at=NOW))
        raise_revision(session, NOW)
    assert list(events(service.client)) == [BY_SECTION]
    assert service.client.get(f"/v1/agencies/{leads}/deadlines.ics").status_code == 410


@pytest.mark.parametrize(
    ("path", "status", "name"),
    [
        (f"{PATH}?agnecy=x", 422, "agnecy"),
        (f"{PATH}?agency=公安局", 422, "agency"),
        (f"{PATH}?plan=gd", 422, "plan"),
        (f"{PATH}?due_from=2022-13-01", 422, "due_from"),
        (f"{PATH}?kind=deadlines", 422, "kind"),
        (f"{PATH}?limit=1", 422, "limit"),
        (f"{PATH}?format=json", 422, "format"),
        (f"{PATH}?q=%00", 422, "q"),
        (f"{PATH}?lang=en", 422, "lang"),
        (f"/v1/agencies/{LEAD}/deadlines.ics?agency={LEAD}", 422, "agency"),
        ("/v1/agencies/nobody/deadlines.ics", 404, None),
        ("/v1/agencies/省公安厅/deadlines.ics", 404, None),
        ("/v1/deadlines", 404, None),
    ],
)
def test_what_does_not_fit_is_refused(
    client: TestClient, path: str, status: int, name: str | None
) -> None:
    refused = client.get(path, headers={"Accept": CALENDAR})
    assert refused.status_code == status
    assert refused.headers["content-type"] == "application/problem+json"
    assert [error["name"] for error in refused.json()["errors"]] == [name] * (name is not None)


def test_it_is_a_calendar_and_nothing_else(client: TestClient) -> None:
    for accept in ("", "*/*", "text/*", CALENDAR, "text/html, */*;q=0.8", *ONE_FORM):
        answer = client.get(PATH, headers={"Accept": accept})
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert client.post(PATH).headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("path", [PATH, f"/v1/agencies/{FINANCE}/deadlines.ics"])
def test_what_has_not_changed_is_not_sent_again(client: TestClient, path: str) -> None:
    tags = set()
    for lang in Script:
        first = client.get(path, headers={"Accept-Language": lang})
        tag = first.headers["etag"]
        again = client.get(path, headers={"Accept-Language": lang, "If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        head = client.head(path, headers={"Accept-Language": lang})
        assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)
        assert head.headers["content-length"] == first.headers["content-length"]
        tags.add(tag)
    assert len(tags) == 2


def test_the_same_data_give_the_same_bytes_anywhere(scheduled: Service) -> None:
    other = create_app(Settings(database_url=scheduled.url, cache_megabytes=0))
    with TestClient(other, base_url="https://elsewhere.example") as client:
        for path in (PATH, f"{PATH}?lang=zh-Hant"):
            one, same = scheduled.client.get(path), client.get(path)
            assert (one.content, one.headers["etag"]) == (same.content, same.headers["etag"])


def test_traditional_is_converted_before_lines_are_folded(scheduled: Service) -> None:
    hans = events(scheduled.client)
    answer = scheduled.client.get(PATH, headers={"Accept-Language": "zh-HK"})
    assert answer.headers["content-language"] == "zh-Hant"
    assert "\r\nX-WR-CALNAME:工作要點時限\r\n" in answer.text
    hant = events(scheduled.client, f"{PATH}?lang=zh-Hant")
    assert hant.keys() == hans.keys()
    assert hant[BY_TASK].summary == "目標：相關省直部門全覆蓋"
    assert hant[f"{TASK}-m2"].categories == ["節點"]
    for id_, event in hans.items():
        assert str(hant[id_].description) == in_script(str(event.description), Script.HANT)


def test_no_phrase_is_converted_in_two_parts(service: Service) -> None:
    """后 is 後, but not in 皇后, which the end of a line may part."""
    id_ = add(service, title="皇后" * 60)
    assert events(service.client, f"{PATH}?lang=zh-Hant")[id_].summary == "節點：" + "皇后" * 60


def test_events_lead_to_their_resources_where_the_service_has_an_address(database_url: str) -> None:
    for public_url in ("https://plans.example.gov.cn/api/", "https://plans.example.gov.cn/api"):
        settings = Settings(database_url=database_url, public_url=public_url)
        with TestClient(create_app(settings)) as client:
            urls = {id_: str(event.url) for id_, event in events(client).items()}
        base = "https://plans.example.gov.cn/api"
        assert urls == {
            BY_TASK: f"{base}/tasks/gd-dg-2022-t19.4#{BY_TASK}",
            BY_SECTION: f"{base}/plans/gd-dg-2022#{BY_SECTION}",
        }
    with TestClient(create_app(Settings(database_url=database_url))) as client:
        assert "URL" not in client.get(PATH).text


def test_a_calendar_without_events_is_still_one(client: TestClient) -> None:
    text = client.get(f"{PATH}?attainment=met").text
    assert read(text).events == []
    assert "BEGIN:VTIMEZONE" in text  # some component there must be (RFC 5545, section 3.6)


def test_clients_are_told_when_to_ask_again(client: TestClient) -> None:
    text = client.get(PATH).text
    assert "\r\nREFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in text
    assert "\r\nX-PUBLISHED-TTL:PT1H\r\n" in text
    assert "\r\nX-WR-CALNAME:工作要点时限\r\n" in text
    assert "METHOD" not in text  # with one, DTSTAMP would be the time of the request


def test_more_than_a_calendar_holds_is_refused_with_what_to_do(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.resources.deadlines.queries.MOST_EVENTS", 2)
    assert len(events(service.client)) == 2
    add(service)
    refused = service.client.get(PATH)
    assert refused.status_code == 422
    assert "plan、agency、due_from、due_to" in refused.json()["errors"][0]["message"]
    assert len(events(service.client, f"{PATH}?due_to=2022-12-30")) == 1


def lines_of(calendar: bytes) -> list[bytes]:
    """Its lines as they are sent, each whole and short enough."""
    *lines, last = calendar.split(b"\r\n")
    assert last == b""
    for line in lines:
        assert len(line) <= LONGEST_LINE
        assert not {b"\r", b"\n", b"\x00"} & {line[i : i + 1] for i in range(len(line))}
        line.decode()  # no code point is split
    return lines


def test_every_line_is_short_and_whole(scheduled: Service) -> None:
    for lang in Script:
        for agency in ("", f"/agencies/{LEAD}"):
            lines = lines_of(scheduled.client.get(f"/v1{agency}{PATH[3:]}?lang={lang}").content)
            assert any(line.startswith(b" ") for line in lines)


HOSTILE = [
    "a,b;c\\d\\,e",
    "C:\\New\\nothing",  # a backslash before N or n is no line break
    "一\n二\nEND:VEVENT\nBEGIN:VEVENT\nUID:x",
    "𠀀𠮷" * 60,
    "👩‍👩‍👧‍👦🇨🇳" * 12,
    '"raw":"发展";X=Y:Z^n^\'',
    "\ttab ends\t",
    "&amp;<b>%0D%0A\\",
]


@pytest.mark.parametrize("title", HOSTILE)
def test_a_title_is_read_as_it_was_written(service: Service, title: str) -> None:
    id_ = add(service, title=title)
    lines_of(service.client.get(PATH).content)
    found = events(service.client)
    assert found[id_].summary == f"节点：{title}"
    assert len(found) == 3


def milestone(title: str, reason: str) -> Any:
    """As the database gives it."""
    document = {
        "id": "x-m1",
        "task": {"code": "1", "title": title},
        "agency": {"name": title},
        "title": title,
        "html_url": "/tasks/t1#m1",
        "due_on": "9999-12-31",
        "first_due_on": "0001-01-01",
        "status": "dropped",
        "status_label": "已取消",
        "done_on": None,
        "changes": [{"kind": "dropped", "kind_label": "取消", "day": None, "reason": reason}],
    }
    changed_at = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
    text = json.dumps(document, ensure_ascii=False)
    return SimpleNamespace(
        id="x-m1", document=text, version=1, changed_at=changed_at, is_example=False
    )


def made(text: str, reason: str, language: Script = Script.HANS) -> bytes:
    rows = Deadlines((), [milestone(text, reason)])
    return asyncio.run(as_calendar(rows, text, language, "/"))


# What bodies take; of the rest, iCalendar has no form for control characters.
PRINTED = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t\n"))


@given(PRINTED, PRINTED)
@example("\\N", "\\N\\n\\\n")
@example("省" * 200, "𠀀" * 1000)
@example("\\" * 200, ";" * 75)
def test_any_text_comes_back(title: str, reason: str) -> None:
    calendar = made(title, reason)
    lines = lines_of(calendar)
    assert sum(line == b"BEGIN:VEVENT" for line in lines) == 1
    [event] = read(calendar.decode()).events
    assert event.summary == f"节点（已取消）：{title}"
    assert str(event.description).endswith(f"原定：0001-01-01\n取消：{reason}" if reason else "")
    assert (event.dtstart, event.sequence) == (date(9999, 12, 31), 0)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_breaks_a_calendar(text: str) -> None:
    for language in Script:
        calendar = made(text, text, language)
        lines_of(calendar)
        assert len(read(calendar.decode()).events) == 1
