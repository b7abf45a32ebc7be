"""The change feed as Atom: what RFC 4287 wants of every feed, and hostile words in it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urljoin
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from app.db.engine import open_engine
from app.enums import ChangeOperation, Script
from app.http.languages import in_script
from app.main import create_app
from app.resources.changes.atom import as_atom
from app.resources.changes.queries import Recent, RecentQuery
from app.settings import Settings
from seed.load import load
from seed.notice_files import ReadNotice
from seed.registry import Registry
from tests.support import EPOCH, LATER, ONE_FORM, ROOT
from tests.support.notices import corrected
from tests.support.practice import NOW, REPORTS, TASK, Service, a_report, practising

PATH = "/v1/changes.atom"
ATOM = "{http://www.w3.org/2005/Atom}"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z")
HOSTILE = "]]><script>&amp;'\"\tx<!-- ?> %00 𠀀👩‍👩‍👧"


@pytest.fixture
def service(loaded_url: str) -> Iterator[Service]:
    with practising(loaded_url) as alive:
        yield alive


def one(parent: Element, name: str) -> str:
    """The text of what must be there exactly once."""
    [found] = parent.findall(ATOM + name)
    assert found.text
    return found.text


def links(parent: Element) -> dict[str, str]:
    """Relation → address, each once; the data as `alternate`, their page as `page`."""
    found = [
        ("page" if link.attrib["type"] == "text/html" else link.attrib["rel"], link.attrib["href"])
        for link in parent.findall(f"{ATOM}link")
    ]
    assert len(dict(found)) == len(found)
    return dict(found)


def entries(feed: Element) -> list[Element]:
    return feed.findall(f"{ATOM}entry")


def checked(text: str | bytes) -> Element:
    """A feed that has what RFC 4287 wants (4.1.1, 4.1.2) and RFC 5005 (3)."""
    feed = fromstring(text)  # noqa: S314 - our own
    assert feed.tag == f"{ATOM}feed"
    ids = [one(feed, "id")]
    assert one(feed, "title")
    assert MOMENT.fullmatch(one(feed, "updated"))
    [author] = feed.findall(f"{ATOM}author")
    assert one(author, "name")
    assert {"self", "first"} <= links(feed).keys()
    for entry in entries(feed):
        ids.append(one(entry, "id"))
        assert one(entry, "title")
        assert one(entry, "summary")
        assert MOMENT.fullmatch(one(entry, "updated"))
        assert links(entry).keys() == {"page", "alternate"}  # as there is no content
        assert [c.attrib["label"] for c in entry.findall(f"{ATOM}category")]
    assert all(re.fullmatch(r"tag:work-plan-api\.invalid,2026:[\w./-]+", id_) for id_ in ids)
    assert len(set(ids)) == len(ids)
    moments = [one(entry, "updated") for entry in entries(feed)]
    assert moments == sorted(moments, key=datetime.fromisoformat, reverse=True)
    return feed


def asked(client: TestClient, path: str = PATH) -> Element:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/atom+xml"
    return checked(answer.content)


def test_the_newest_changes_come_first_and_lead_to_what_changed(client: TestClient) -> None:
    feed = asked(client)
    assert len(entries(feed)) == 100
    last = client.get("/v1/changes?limit=1").json()["page"]["total"]
    newest = client.get(f"/v1/changes?after={last - 100}").json()["data"][::-1]
    for entry, change in zip(entries(feed), newest, strict=True):
        assert one(entry, "id").endswith(f":changes/{EPOCH}/{change['resource']}/{change['id']}/1")
        assert one(entry, "updated") == change["at"]
        shown = client.get(links(entry)["alternate"]).json()
        assert shown["id"] == change["id"]
        assert links(entry)["page"] == shown["html_url"]
    assert one(feed, "updated") == newest[0]["at"]
    titles = [one(entry, "title") for entry in entries(asked(client, f"{PATH}?limit=1000"))]
    assert "新增任务：提高“粤商通”平台涉企服务水平" in titles
    assert "新增部分：促进全省均衡协同新发展" in titles
    assert "新增目标：平台月均活跃用户" in titles
    assert "新增机构：省公安厅" in titles
    assert "新增工作要点：广东省数字政府改革建设2022年工作要点" in titles


@pytest.mark.parametrize("query", ["limit=37", "limit=97&lang=zh-Hant", "limit=1000", ""])
def test_pages_join_without_a_seam_in_both_directions(client: TestClient, query: str) -> None:
    whole = [one(entry, "id") for entry in entries(asked(client, f"{PATH}?limit=1000"))]
    pages, path = [], f"{PATH}?{query}"
    while path:
        feed = asked(client, path)
        pages.append([one(entry, "id") for entry in entries(feed)])
        to = links(feed)
        assert client.get(to["self"]).text == client.get(path).text
        assert [one(e, "id") for e in entries(asked(client, to["first"]))] == pages[0]
        if len(pages) == 1:
            assert "previous" not in to
        else:
            back = [one(entry, "id") for entry in entries(asked(client, to["previous"]))]
            assert back == pages[-2]
        path = to.get("next", "")
    assert [id_ for page in pages for id_ in page] == whole


def test_every_write_is_in_it_at_once_with_words_for_each_kind(service: Service) -> None:
    assert service.report().status_code == 201
    service.now += timedelta(hours=1)
    milestone = {"title": "试验：方案", "due_on": "2022-09-30"}
    assert service.post(f"/v1/tasks/{TASK}/milestones", milestone).status_code == 201
    measured = {"as_of": "2022-06-30", "value": 2, "unit": "个", "method": "试验"}
    assert service.post(f"/v1/targets/{TASK}-k1/measurements", measured).status_code == 201
    assert service.assess().status_code == 201
    assert service.publish().status_code == 201
    feed = asked(service.client, f"{PATH}?limit=8")
    assert sorted(one(entry, "title") for entry in entries(feed)) == sorted(
        [
            "新增通报：试验通报",
            "新增第三方评估：深圳市（试验评估机构）",
            "更新目标：行业专题服务提升行动",
            "更新任务：提高“粤商通”平台涉企服务水平",
            "新增指标测量：行业专题服务提升行动（省政务服务数据管理局）",
            "新增节点：试验：方案（省政务服务数据管理局）",
            "更新任务：提高“粤商通”平台涉企服务水平",
            "新增进展报告：提高“粤商通”平台涉企服务水平（省政务服务数据管理局）",
        ]
    )
    assert datetime.fromisoformat(one(feed, "updated")) - NOW < timedelta(hours=1, seconds=1)
    for entry in entries(feed):
        assert service.client.get(links(entry)["alternate"]).status_code == 200
    first = asked(service.client, f"{PATH}?limit=1")
    assert one(first, "id") == one(feed, "id")


def test_what_is_withdrawn_is_told_with_its_name(
    loaded_url: str, registry: Registry, notice: ReadNotice
) -> None:
    engine = open_engine(loaded_url)
    with TestClient(create_app(Settings(database_url=loaded_url))) as client:
        before = one(asked(client), "updated")
        name = client.get("/v1/tasks/gd-dg-2022-t30").json()["title"]
        load(engine, registry, [corrected(notice)], LATER)
        feed = asked(client)
        titles = [one(entry, "title") for entry in entries(feed)]
        assert f"撤下任务：{name}" in titles
        assert one(feed, "updated") > before
        gone = entries(feed)[titles.index(f"撤下任务：{name}")]
        assert one(gone, "id").endswith("/task/gd-dg-2022-t30/2")
        assert client.get(links(gone)["alternate"]).status_code == 410
    engine.dispose()


def test_a_feed_without_a_change_is_still_one(tables_url: str) -> None:
    with TestClient(create_app(Settings(database_url=tables_url))) as client:
        feed = asked(client)
        assert entries(feed) == []
        assert one(feed, "updated") == "1970-01-01T00:00:00Z"
        assert links(feed).keys() == {"page", "alternate", "self", "first"}


@pytest.mark.parametrize(
    ("public_url", "base"),
    [
        ("/", "/v1"),
        ("/plans/", "/plans/v1"),
        ("https://plans.example.gov.cn", "https://plans.example.gov.cn/v1"),
        ("https://plans.example.gov.cn/api/", "https://plans.example.gov.cn/api/v1"),
    ],
)
def test_links_have_the_address_that_the_operator_has_set(
    database_url: str, public_url: str, base: str
) -> None:
    settings = Settings(database_url=database_url, public_url=public_url)
    with TestClient(create_app(settings)) as client:
        feed = asked(client, f"{PATH}?before=3&limit=1&lang=zh-Hans")
    to = links(feed)
    asking = f"{base}/changes.atom?lang=zh-Hans&before=%d&limit=1"
    assert to == {
        "page": f"{base.removesuffix('/v1')}/changes",
        "alternate": f"{base}/changes",
        "self": asking % 3,
        "first": f"{base}/changes.atom?lang=zh-Hans&limit=1",
        "previous": asking % 4,
        "next": asking % 2,
    }
    assert links(entries(feed)[0])["alternate"] == f"{base}/sections/gd-dg-2022-s1"
    assert one(feed, "id") == "tag:work-plan-api.invalid,2026:changes"
    assert urljoin("https://a.example/v1/changes.atom", to["self"]).startswith("https://")


def test_the_same_data_give_the_same_bytes_on_any_worker() -> None:
    """Python gives sets another order in each process, and a worker is one."""
    make = (
        "from app.resources.changes.atom import as_atom; from app.resources.changes.queries import Recent;"
        "from app.resources.changes.queries import RecentQuery; from app.enums import Script;"
        "wanted = RecentQuery(limit=7, before=3, lang='zh-Hans');"
        "print(as_atom(Recent([], {}, {}, '', 0, None, 1), wanted, Script.HANS, '/'), end='')"
    )
    recent, wanted = (
        Recent([], {}, {}, "", 0, None, 1),
        RecentQuery(limit=7, before=3, lang="zh-Hans"),
    )
    made = {as_atom(recent, wanted, Script.HANS, "/")} | {
        subprocess.run(
            [sys.executable, "-c", make],
            cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": str(seed)},
            check=True, capture_output=True, text=True,
        ).stdout
        for seed in range(2)
    }  # fmt: skip
    assert len(made) == 1
    assert checked(made.pop())


def test_traditional_says_so(client: TestClient) -> None:
    hans, hant = asked(client), client.get(PATH, headers={"Accept-Language": "zh-TW"})
    assert hant.headers["content-language"] == "zh-Hant"
    feed = checked(hant.content)
    assert (hans.attrib[LANGUAGE], feed.attrib[LANGUAGE]) == ("zh-Hans", "zh-Hant")
    assert one(feed, "title") == "政府工作要點：變更"
    for entry, same in zip(entries(feed), entries(hans), strict=True):
        assert one(entry, "title") == in_script(one(same, "title"), Script.HANT)
        assert one(entry, "id") == one(same, "id")
        assert links(entry) == links(same)


def test_what_has_not_changed_is_not_sent_again(service: Service) -> None:
    client, tags = service.client, set()
    for lang in Script:
        first = client.get(PATH, headers={"Accept-Language": lang})
        tag = first.headers["etag"]
        again = client.get(PATH, headers={"Accept-Language": lang, "If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        head = client.head(PATH, headers={"Accept-Language": lang})
        assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)
        tags.add(tag)
    assert len(tags) == 2
    assert service.report().status_code == 201
    for tag in tags:
        assert client.get(PATH, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    "accept", ["*/*", "application/atom+xml", "application/*;q=0.5", "", *ONE_FORM]
)
def test_feed_readers_get_it(client: TestClient, accept: str) -> None:
    assert client.get(PATH, headers={"Accept": accept}).status_code == 200


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=1001", "limit=x", "before=-1", "before=1e3", "before=99999999999",
     "after=1", "cursor=x", "format=json", "lang=en", "before=1&before=2"],
)  # fmt: skip
def test_what_does_not_fit_is_refused(client: TestClient, query: str) -> None:
    assert client.get(f"{PATH}?{query}").status_code == 422


@pytest.mark.parametrize("before", [0, 1, 999_999_999])
def test_a_page_beyond_either_end_is_a_feed(client: TestClient, before: int) -> None:
    feed = asked(client, f"{PATH}?before={before}")
    assert len(entries(feed)) == (100 if before > 1 else 0)
    assert links(feed)["self"].endswith(f"?before={before}")


def test_hostile_words_stay_words(service: Service) -> None:
    title = HOSTILE + "\n二行"
    milestone = {"title": title, "due_on": "2022-09-30"}
    assert service.post(f"/v1/tasks/{TASK}/milestones", milestone).status_code == 201
    assert service.publish(title=HOSTILE, body=HOSTILE).status_code == 201
    assert service.post(REPORTS, a_report(summary=HOSTILE)).status_code == 201
    for lang in Script:
        feed = asked(service.client, f"{PATH}?limit=4&lang={lang}")
        titles = [one(entry, "title") for entry in entries(feed)]
        if lang is Script.HANS:
            assert f"新增通报：{HOSTILE}" in titles
            assert f"新增节点：{title}（省政务服务数据管理局）" in titles


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_makes_a_feed(text: str) -> None:
    """Also what bodies refuse and XML 1.0 cannot carry."""
    change: Any = SimpleNamespace(
        seq=1,
        op=ChangeOperation.CREATED,
        resource="bulletin",
        id="x-b1",
        version=1,
        at=NOW,
        epoch=EPOCH,
        is_example=False,
    )
    documents = {("bulletin", "x-b1"): json.dumps({"id": "x-b1", "title": text})}
    recent = Recent([change], documents, {}, EPOCH, 1, NOW, 1)
    feed = checked(as_atom(recent, RecentQuery(), Script.HANS, "/"))
    carried = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\ufffd", text)
    carried = carried.replace("\r\n", "\n").replace("\r", "\n")
    assert one(entries(feed)[0], "title") == f"新增通报：{carried}"
