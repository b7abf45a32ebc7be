"""Pages of the PDF that a plan came in, for people: beside its text, and with boxes around words."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from app.db.engine import open_engine
from app.main import create_app
from app.settings import Settings
from seed.load import load
from seed.notice_files import ReadNotice
from seed.registry import Registry
from seed.source_pages import SourcePages
from tests.support import LATER, PLAN
from tests.support.databases import Databases
from tests.support.notices import on_pages
from tests.support.pages import links, parsed, words
from tests.support.statements import selects

TASK = f"/tasks/{PLAN}-t17.2"


@pytest.fixture(scope="module")
def url(on_sqlite: Databases, registry: Registry, notice: ReadNotice) -> Iterator[str]:
    with on_sqlite.loaded() as found:
        engine = open_engine(found)
        load(engine, registry, [on_pages(notice)], LATER)
        engine.dispose()
        yield found


@pytest.fixture(scope="module")
def paged(url: str) -> Iterator[TestClient]:
    settings = Settings(database_url=url, webhook_delivery=False, cache_megabytes=0)
    with TestClient(create_app(settings)) as client:
        yield client


def test_the_text_has_the_number_of_each_page_where_it_begins(paged: TestClient) -> None:
    text = paged.get(f"/v1/plans/{PLAN}/text").json()
    page = parsed(paged.get(f"/plans/{PLAN}/text").text)
    shown = page.xpath('//div[contains(@class, "text")]')[0].text_content()
    for one in reversed(text["pages"]):
        name = f"第 {one['number']} 页"
        assert shown.index(name) == one["start"] + len("第 1 页") * (one["number"] - 1)
    (second,) = page.xpath('//*[@id="p2"]/a/@href')
    assert second == f"/plans/{PLAN}/pages/2"
    english = paged.get(f"/plans/{PLAN}/text?lang=en").text
    assert "Page 2" in words(english)
    assert f"/plans/{PLAN}/pages/2?lang=en" in links(english)


def test_a_citation_names_its_page_and_leads_to_it_with_its_words_in_boxes(
    paged: TestClient,
) -> None:
    span = paged.get(f"/v1{TASK}").json()["span"]
    found = paged.get(f"/v1/plans/{PLAN}/text/boxes", params=span).json()
    (number,) = {box["page"] for box in found}
    task = paged.get(TASK).text
    citation = parsed(task).get_element_by_id("citation").text_content()
    assert f"，原件第 {number} 页" in citation
    (there,) = [link for link in links(task) if "/pages/" in link]
    assert there == f"/plans/{PLAN}/pages/{number}?start={span['start']}&end={span['end']}"
    page = parsed(paged.get(there).text)
    (image,) = page.xpath("//svg/image/@href")
    assert image == f"/v1/plans/{PLAN}/text/pages/{number}/image"
    assert paged.get(image).headers["content-type"] == "image/webp"
    boxes = page.xpath("//svg/rect")
    assert [float(box.get("y")) + 2 for box in boxes] == [box["y"] for box in found]
    marked = "".join(mark.text_content() for mark in page.xpath("//mark"))
    whole = paged.get(f"/v1/plans/{PLAN}/text?format=text").text
    assert marked == whole[span["start"] : span["end"]]


def test_a_span_over_two_pages_is_marked_on_each(paged: TestClient) -> None:
    first, second, _ = paged.get(f"/v1/plans/{PLAN}/text").json()["pages"]
    query = f"?start={first['end'] - 5}&end={second['start'] + 5}"
    for page in (first, second):
        shown = parsed(paged.get(f"/plans/{PLAN}/pages/{page['number']}{query}").text)
        assert len(shown.xpath("//svg/rect")) == 1
        assert 0 < len(shown.xpath("//mark")[0].text_content()) <= 5
    third = parsed(paged.get(f"/plans/{PLAN}/pages/3{query}").text)
    assert not third.xpath("//svg/rect | //mark")
    assert third.xpath('//a[@rel="prev"]/@href') == [f"/plans/{PLAN}/pages/2{query}"]
    assert not third.xpath('//a[@rel="next"]')


@pytest.mark.parametrize(
    "query", ["", "?start=5&end=5", "?start=1&end=99999999", "?start=x&end=9", "?start=0&end=12000"]
)
def test_what_selects_nothing_or_very_much_does_no_harm(paged: TestClient, query: str) -> None:
    assert paged.get(f"/plans/{PLAN}/pages/1{query}").status_code == 200


@pytest.mark.parametrize("number", ["0", "4", "01", "x", "1.0", "%C2%B2", "99999999999999999999"])
def test_a_page_that_is_not_there_is_404(paged: TestClient, number: str) -> None:
    response = paged.get(f"/plans/{PLAN}/pages/{number}")
    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")


def test_without_pictures_the_words_of_a_page_are_still_there(
    on_sqlite: Databases, registry: Registry, notice: ReadNotice
) -> None:
    source = on_pages(notice).source
    without = SourcePages(source.pages, source.lines)
    with on_sqlite.loaded() as url:
        engine = open_engine(url)
        load(engine, registry, [replace(notice, source=without)], LATER)
        engine.dispose()
        with TestClient(create_app(Settings(database_url=url, webhook_delivery=False))) as client:
            page = client.get(f"/plans/{PLAN}/pages/1").text
            assert "没有公开页面图像" in words(page)
            assert not parsed(page).xpath("//svg")
            text = parsed(client.get(f"/plans/{PLAN}/text").text)
            assert text.get_element_by_id("p2").text_content() == "第 2 页"
            assert not text.xpath('//*[@id="p2"]/a')


def test_a_page_costs_the_statements_of_its_data(paged: TestClient, statements: list[str]) -> None:
    for path in (
        f"/v1/plans/{PLAN}",
        f"/v1/plans/{PLAN}/text",
        f"/v1/plans/{PLAN}/text/boxes?start=0&end=9",
    ):
        assert paged.get(path).status_code == 200
    data = selects(statements)
    statements.clear()
    assert paged.get(f"/plans/{PLAN}/pages/1?start=0&end=9").status_code == 200
    assert selects(statements) == data
