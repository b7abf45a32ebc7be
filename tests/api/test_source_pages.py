"""Where the words of a plan stand in the PDF that it came in, over HTTP, with the plan of 示例国."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from app.db.engine import open_engine
from app.db.models import PageImage
from app.main import create_app
from app.settings import Settings
from seed.load import load
from seed.source_pages import SourcePages
from tests.support import LATER
from tests.support.databases import Databases
from tests.support.statements import selects
from tests.support.years import example_notices, example_registry, fill_with_examples

PLAN = "example-nation-2025"
TEXT = f"/v1/plans/{PLAN}/text"
BOXES = f"{TEXT}/boxes"
WITHOUT = "/v1/plans/example-city-2026/text"  # of a Markdown file
QUOTE = "追溯品种由12种增加到30种"  # begins on one line and ends on the next


@pytest.fixture(scope="module")
def url(databases: Databases) -> Iterator[str]:
    with databases.copy_of("examples", fill_with_examples) as found:
        yield found


@pytest.fixture(scope="module")
def reading(url: str) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(database_url=url, webhook_delivery=False))) as client:
        yield client


@pytest.fixture(scope="module")
def text(reading: TestClient) -> dict[str, Any]:
    return dict(reading.get(TEXT).json())


def boxes(client: TestClient, start: int, end: int) -> Any:
    response = client.get(f"{BOXES}?start={start}&end={end}")
    assert response.status_code == 200, response.text
    return response.json()


def test_the_pages_of_a_pdf_are_the_whole_text(text: dict[str, Any]) -> None:
    pages = text["pages"]
    assert [page["number"] for page in pages] == [1, 2, 3, 4, 5]
    assert "".join(text["text"][page["start"] : page["end"]] for page in pages) == text["text"]
    begins = [text["text"][page["start"] :][:6] for page in pages]
    assert begins == ["示例国政府办", "数字公共服务", "七、发展数字", "附件1\n数字", "附件2\n重点"]
    assert {(page["width"], page["height"]) for page in pages} == {(595.0, 841.9)}


def test_words_are_in_the_boxes_of_their_lines(reading: TestClient, text: dict[str, Any]) -> None:
    start = text["text"].index(QUOTE)
    first, second = boxes(reading, start, start + len(QUOTE))
    assert first == {"page": 2, "x": 111.5, "y": 529.7, "width": 410.7, "height": 15.9}
    assert (second["page"], second["x"]) == (2, 79.5)
    assert second["y"] > first["y"] + first["height"]
    assert boxes(reading, start, start + 1) == [first]
    assert boxes(reading, start + len(QUOTE) - 1, start + len(QUOTE)) == [second]


def test_words_of_a_table_are_in_the_boxes_of_their_cells(
    reading: TestClient, text: dict[str, Any]
) -> None:
    words = text["text"]
    start = words.index("|2|发布电子病历")
    row = boxes(reading, start, words.index("|3|", start))
    assert [box["page"] for box in row] == [4, 4, 4, 4]
    assert len({box["y"] for box in row}) == 1
    assert all(left["x"] + left["width"] <= right["x"] + 0.2 for left, right in pairwise(row))
    header = words.index("|序号|")
    assert boxes(reading, header, header + 5) == []


def test_every_box_lies_on_its_page_and_every_task_has_some(
    reading: TestClient, text: dict[str, Any]
) -> None:
    pages = {page["number"]: page for page in text["pages"]}
    tasks = reading.get(f"/v1/tasks?plan={PLAN}").json()["data"]
    assert len(tasks) == 15
    for task in tasks:
        found = boxes(reading, **task["span"])
        assert found, task["id"]
        for box in found:
            page = pages[box["page"]]
            assert 0 <= box["x"] < box["x"] + box["width"] <= page["width"]
            assert 0 <= box["y"] < box["y"] + box["height"] <= page["height"]


def test_a_plan_of_another_kind_of_file_has_no_pages_and_no_boxes(reading: TestClient) -> None:
    for plan in (WITHOUT, "/v1/plans/gd-dg-2022/text"):
        assert reading.get(plan).json()["pages"] == []
        assert reading.get(f"{plan}/boxes?start=0&end=10").json() == []


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("", ["start", "end"]),
        ("start=1", ["end"]),
        ("start=5&end=5", ["end"]),
        ("start=6&end=5", ["end"]),
        ("start=0&end=100000", ["end"]),
        ("start=999999999&end=999999999", ["end"]),
        ("start=-1&end=5", ["start"]),
        ("start=a&end=1.5", ["start", "end"]),
        ("start=０&end=5", ["start"]),
        ("start=1&end=99999999999999999999", ["end"]),
        ("start=1&start=2&end=5", ["start"]),
        ("start=1&end=5&page=2", ["page"]),
    ],
)
def test_what_is_no_span_of_the_text_is_422(
    reading: TestClient, query: str, wrong: list[str]
) -> None:
    response = reading.get(f"{BOXES}?{query}")
    assert response.status_code == 422
    assert [error["name"] for error in response.json()["errors"]] == wrong
    assert "0,5" not in response.text


def test_the_last_word_is_in_reach_and_no_further(
    reading: TestClient, text: dict[str, Any]
) -> None:
    length = text["text_length"]
    assert boxes(reading, length - 1, length)[0]["page"] == 5
    assert reading.get(f"{BOXES}?start={length - 1}&end={length + 1}").status_code == 422
    whole = "/v1/plans/gd-dg-2022/text/boxes?start=0&end="
    assert reading.get(f"{whole}10000").status_code == 200
    problem = reading.get(f"{whole}10001", headers={"Accept-Language": "en"}).json()
    assert "at most 10000" in problem["errors"][0]["message"]


def test_pictures_are_webp_with_a_validator(reading: TestClient, text: dict[str, Any]) -> None:
    image = text["pages"][1]["image"]
    assert image == f"{TEXT}/pages/2/image"
    response = reading.get(image)
    assert response.headers["content-type"] == "image/webp"
    assert response.content[:4] + response.content[8:12] == b"RIFFWEBP"
    assert "content-encoding" not in response.headers
    same = reading.get(image, headers={"If-None-Match": response.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    traditional = reading.get(f"{image}?lang=zh-Hant")
    assert traditional.content == response.content
    assert reading.head(image).headers["content-length"] == str(len(response.content))


def test_urls_of_pictures_have_the_prefix_of_a_gateway(url: str) -> None:
    settings = Settings(database_url=url, webhook_delivery=False, root_path="/plans-of-all")
    with TestClient(create_app(settings)) as client:
        (page, *_) = client.get(TEXT).json()["pages"]
        assert page["image"] == f"/plans-of-all{TEXT}/pages/1/image"
        download = client.get(f"/v1/plans/{PLAN}/download").json()
        assert download["text"]["pages"][0] == page


@pytest.mark.parametrize("path", ["pages/6/image", "pages/0/image", "pages/x/image"])
def test_a_page_that_is_not_there_has_no_picture(reading: TestClient, path: str) -> None:
    assert reading.get(f"{TEXT}/{path}").status_code in (404, 422)
    assert reading.get(f"{WITHOUT}/pages/1/image").status_code == 404
    assert reading.get("/v1/plans/no-plan/text/pages/1/image").status_code == 404
    assert reading.get("/v1/plans/no-plan/text/boxes?start=0&end=1").status_code == 404


def test_boxes_take_one_statement_and_pictures_two(
    reading: TestClient, statements: list[str]
) -> None:
    boxes(reading, 2, 9)
    assert selects(statements) == 1
    assert reading.get(f"{TEXT}/pages/3/image?lang=zh-Hans").status_code == 200
    assert selects(statements) == 1 + 2


def test_loading_again_without_pictures_takes_them_away_and_changes_no_document(
    databases: Databases,
) -> None:
    (notice,) = (one for one in example_notices() if one.plan.id == PLAN)
    with databases.copy_of("examples", fill_with_examples) as url:
        settings = Settings(database_url=url, webhook_delivery=False)
        with TestClient(create_app(settings)) as client:
            before = client.get(f"/v1/plans/{PLAN}")
            etag = client.get(TEXT).headers["etag"]
            engine = open_engine(url)
            load(engine, example_registry(), [notice], LATER)
            assert client.get(TEXT).headers["etag"] == etag
            source = SourcePages(notice.source.pages, notice.source.lines)
            load(engine, example_registry(), [replace(notice, source=source)], LATER)
            response = client.get(TEXT)
            assert response.headers["etag"] != etag
            assert {page["image"] for page in response.json()["pages"]} == {None}
            assert client.get(f"{TEXT}/pages/1/image").status_code == 404
            assert client.get(f"/v1/plans/{PLAN}").headers["etag"] == before.headers["etag"]
            with engine.connect() as connection:
                assert connection.scalars(select(PageImage.number)).all() == []
            engine.dispose()
