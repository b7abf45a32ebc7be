"""Error reports: from the form on a page to the public answer, without a key and without JavaScript."""

import asyncio
import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from app.db.models import ErrorReport, ReceivedError
from app.http.quotas import RateLimitedError
from app.main import create_app
from app.middleware.counts import InMemory
from app.pages.senders import MOST_AN_HOUR, Senders
from app.resources.error_reports import commands
from app.settings import Settings
from app.writing.audit_verification import faults
from tests.support.databases import Databases
from tests.support.pages import words
from tests.support.practice import ERRORS, TASK, Service, a_resolution, numbers, practising
from tests.support.redis_counts import RedisCounts

OF_GUANGDONG = ["agencies/gd-energy", "jurisdictions/440000", "platforms/yue-zheng-yi"]
ABOUT = f"tasks/{TASK}"
FORM = f"/errors?{urlencode({'about': ABOUT})}"
OWN = {"Origin": "http://testserver"}
HOSTILE = '<script>alert(1)</script> javascript:x "><b>\u3000' + "无" * 300


@pytest.fixture(scope="module")
def service(databases: Databases) -> Iterator[Service]:
    with databases.loaded() as url, practising(url) as alive:
        yield alive


def stamp(service: Service, form: str = FORM) -> str:
    found = re.search(r'name="stamp" value="([^"]+)"', service.client.get(form).text)
    assert found
    return found[1]


def stored(service: Service, table: type = ReceivedError) -> int:
    with service.session() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_report_is_private_until_its_answer_publishes_it(service: Service) -> None:
    before = service.json("/v1/changes?limit=1")["page"]["head"]
    sent = service.report_error(HOSTILE)
    assert sent.status_code == 303
    assert sent.headers["location"] == "/errors?received=1#received"
    assert "已收到" in words(service.client.get(sent.headers["location"]).text)
    assert HOSTILE.strip() not in service.client.get("/errors").text
    assert service.json(ERRORS)["data"] == []
    assert service.client.get(f"{ERRORS}?state=open").status_code == 401
    listed = service.private(f"{ERRORS}?state=open", "coordinator")
    assert listed.headers["cache-control"] == "no-store"
    (report,) = listed.json()["data"]
    assert report["about"]["id"] == TASK
    assert report["words"].startswith("2.提高“粤商通”平台涉企服务水平")
    assert (report["message"], report["state"], report["outcome"]) == (HOSTILE, "open", None)
    assert service.json("/v1/changes?limit=1")["page"]["head"] == before

    path = f"{ERRORS}/{report['id']}"
    assert service.client.get(path).status_code == 404
    answered = service.post(f"{path}/answer", a_resolution(answer=HOSTILE), "coordinator")
    assert answered.status_code == 201
    assert service.json(path) == answered.json()
    assert {**report, **answered.json()} == answered.json()  # one shape
    again = service.post(f"{path}/answer", a_resolution(), "coordinator")
    assert again.status_code == 409
    (change,) = service.json(f"/v1/changes?after={before}")["data"]
    assert (change["resource"], change["op"]) == ("error_report", "created")
    page = service.client.get("/errors")
    assert HOSTILE in words(page.text)
    assert "<script>alert" not in page.text
    assert f'id="{report["id"]}"' in page.text
    assert service.private(f"{ERRORS}?state=open", "coordinator").json()["data"] == []
    with service.session() as session:
        assert list(faults(session, {})) == []


def test_a_message_can_be_withheld_and_is_then_nowhere(service: Service) -> None:
    id_ = service.open_error()
    body = a_resolution(outcome="rejected", publish_message=False)
    answered = service.post(f"{ERRORS}/{id_}/answer", body, "coordinator").json()
    assert answered["message"] is None
    with service.session() as session:
        assert session.get(ReceivedError, id_) is None
        assert session.get_one(ErrorReport, id_).message is None
    assert "未公布" in words(service.client.get("/errors").text)


def test_they_are_resolved_by_coordinators_of_the_government(service: Service) -> None:
    for about in (ABOUT, *OF_GUANGDONG):
        id_ = service.open_error(about=about)
        path = f"{ERRORS}/{id_}/answer"
        foreign = service.post(path, a_resolution(), "coordinator", jurisdiction="440300")
        assert (foreign.status_code, "440000" in foreign.json()["detail"]) == (403, True), about
        listed = service.client.get(
            f"{ERRORS}?state=open",
            headers={"Authorization": f"Bearer {service.key('coordinator', None, '440300')}"},
        )
        assert id_ not in listed.text
        done = service.post(path, a_resolution(), "coordinator", jurisdiction="100000")
        assert done.status_code == 201, done.text


@pytest.mark.parametrize("about", OF_GUANGDONG)
def test_what_is_about_a_government_its_agency_or_platform_belongs_to_it_in_feed_and_list(
    service: Service, about: str
) -> None:
    before, id_ = (
        service.json("/v1/changes?limit=1")["page"]["head"],
        service.open_error(about=about),
    )
    service.post(f"{ERRORS}/{id_}/answer", a_resolution(), "coordinator")
    for government, found in {"jurisdiction=440000": [id_], "jurisdiction=440300": []}.items():
        feed = service.json(f"/v1/changes?after={before}&{government}")["data"]
        assert [one["id"] for one in feed] == found
        listed = service.json(f"{ERRORS}?{government}&about={about.split('/')[1]}")["data"]
        assert [one["id"] for one in listed][-1:] == found


def test_the_open_ones_have_pages_and_take_no_other_filter(service: Service) -> None:
    first, second = service.open_error(), service.open_error(about="agencies/gd-energy")
    page = service.private(f"{ERRORS}?state=open&limit=1", "coordinator").json()
    assert ([one["id"] for one in page["data"]], page["page"]["total"]) == ([first], 2)
    rest = f"{ERRORS}?state=open&limit=1&cursor={page['page']['next']}"
    after = service.private(rest, "coordinator").json()
    assert [one["id"] for one in after["data"]] == [second]
    assert after["data"][0]["plan"] is None
    refused = service.private(f"{ERRORS}?state=open&plan=gd-dg-2022", "coordinator")
    assert (refused.status_code, refused.json()["errors"][0]["name"]) == (422, "plan")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "http://testserver.elsewhere.example"}, 403),
        ({**OWN, "Content-Type": "text/plain"}, 415),
        ({**OWN, "Content-Type": "multipart/form-data; boundary=x"}, 415),
    ],
)
def test_only_a_form_of_this_service_is_accepted(
    service: Service, headers: dict[str, str], status: int
) -> None:
    before, type_ = stored(service), {"Content-Type": "application/x-www-form-urlencoded"}
    body = urlencode({"message": "试验", "stamp": stamp(service)})
    answer = service.client.post(FORM, content=body, headers=type_ | headers)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert stored(service) == before


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("message=a", 400),
        ("message=a&stamp={stamp}&stamp={stamp}", 400),
        ("message=a&stamp={stamp}&name=b", 400),
        ("message=%FF&stamp={stamp}", 400),
        ("message=" + "a" * 70_000, 413),
        ("message=%20%0D%0A&stamp={stamp}", 422),
        ("message=%00&stamp={stamp}", 422),
        ("message=" + "a" * 2001 + "&stamp={stamp}", 422),
        ("message=typed&stamp=1-2", 422),
        ("message=typed&stamp=%EF%BC%91", 422),
    ],
)
def test_a_body_that_is_not_the_form_stores_nothing(
    service: Service, body: str, status: int
) -> None:
    before = stored(service)
    headers = {**OWN, "Content-Type": "application/x-www-form-urlencoded"}
    content = body.replace("{stamp}", stamp(service))
    answer = service.client.post(FORM, content=content, headers=headers)
    assert answer.status_code == status
    if status == 400:
        assert "请求内容无法解析" in answer.text
    if "typed" in body:  # the form comes back with what was written, and a stamp that is valid
        assert ">typed</textarea>" in answer.text
    assert stored(service) == before


def test_a_stamp_is_for_one_thing_and_one_day(service: Service) -> None:
    before, mine = stored(service), stamp(service)
    data = {"message": "试验", "stamp": mine}
    other = FORM.replace("t17.2", "t17.1")
    assert service.client.post(other, data=data, headers=OWN).status_code == 422
    service.now += timedelta(days=1, seconds=1)
    assert service.client.post(FORM, data=data, headers=OWN).status_code == 422
    assert stored(service) == before


@pytest.mark.parametrize("about", ["", "tasks", "tasks/", f"tasks/{TASK}x", "keys/1", "tasks/\x00"])
def test_a_form_for_nothing_is_a_page_that_says_so(service: Service, about: str) -> None:
    form = service.client.get("/errors", params={"about": about})
    assert (form.status_code, form.headers["content-type"][:9]) == (404, "text/html")


def test_an_address_may_report_five_times_an_hour(service: Service) -> None:
    senders = service.app.state.error_senders

    def send() -> int:
        data = {"message": f"试验 {next(numbers)}", "stamp": stamp(service)}
        sent = service.client.post(FORM, data=data, headers=OWN, follow_redirects=False)
        if sent.status_code == 429:
            assert int(sent.headers["retry-after"]) == 3600
        return sent.status_code

    senders.counts = InMemory(clock=lambda: service.now.timestamp())
    assert [send() for _ in range(MOST_AN_HOUR + 1)] == [303] * MOST_AN_HOUR + [429]
    service.now += timedelta(hours=1)
    assert send() == 303


def test_addresses_are_counted_together_with_redis_and_are_not_legible_there() -> None:
    store = Settings(database_url="sqlite://", rate_limit_store=SecretStr("redis://127.0.0.1:1/0"))
    workers: list[Senders] = [create_app(store).state.error_senders for _ in range(2)]
    storage = RedisCounts()
    for one in workers:
        one.counts.storage = storage  # type: ignore[attr-defined]

    async def send(*addresses: str) -> None:
        for worker, address in zip(workers * 9, addresses, strict=False):
            await worker.count(address, b"k" * 32)

    asyncio.run(send("2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8::4", "2001:db8::5"))
    assert [*storage.counted.values()] == [5]  # a subscriber has a whole /64
    with pytest.raises(RateLimitedError):
        asyncio.run(send("2001:db8::6"))
    asyncio.run(send("2001:db8:1::1", "192.0.2.1"))
    assert "2001:db8" not in " ".join(storage.counted)


def test_a_report_that_is_sent_twice_is_one(service: Service) -> None:
    service.report_error("试验：两次")
    before = stored(service)
    assert service.report_error("试验：两次").status_code == 303
    assert stored(service) == before


def test_with_too_many_open_reports_no_more_are_accepted(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "MOST_OPEN", stored(service))
    full = service.report_error("试验：再一份")
    assert (full.status_code, "暂停接收" in full.text) == (503, True)
    assert full.headers["retry-after"] == "86400"  # a person must resolve some of them first


def test_the_words_in_question_are_those_selected_in_the_text(service: Service) -> None:
    text = service.json("/v1/plans/gd-dg-2022/text")["text"]
    form = service.client.get("/errors?about=plans/gd-dg-2022&start=100&end=130")
    assert text[100:130] in words(form.text)
    assert form.headers["cache-control"] == "no-store"
    for span in ("start=130&end=100", "start=99999&end=100000", "start=x&end=1"):
        assert service.client.get(f"/errors?about=plans/gd-dg-2022&{span}").status_code == 200


def test_what_is_stored_of_a_report_has_no_place_for_its_sender() -> None:
    columns = {one.name for one in [*ReceivedError.__table__.c, *ErrorReport.__table__.c]}
    assert not [name for name in columns if re.search("name|address|mail|phone|agent|ip$", name)]
