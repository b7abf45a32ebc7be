"""Charts as files: what the page shows, as an image that stands alone and as a table."""

import csv
import io
from collections.abc import Iterator

import pytest
from lxml import etree
from sqlalchemy import update
from starlette.testclient import TestClient

from app.db.models import Section
from app.pages.filters import printed
from app.pages.rendering import HEADERS
from app.pages.views.charts import CHARTS, colours
from app.pages.views.monitoring import STATUSES
from tests.support import PLAN
from tests.support.databases import Databases
from tests.support.pages import links, parsed
from tests.support.practice import Service, practising

DAY = f"?plan={PLAN}&as_of=2022-12-31"
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '=1+1</text><script>alert(1)</script>"&\u202e' + "长" * 5000


@pytest.fixture(scope="module")
def service(databases: Databases) -> Iterator[Service]:
    with databases.loaded() as url, practising(url) as alive:
        assert alive.report(as_of="2022-06-30", status="on_track").status_code == 201
        measured = {"as_of": "2022-06-30", "value": 25, "unit": "项", "method": "试验"}
        assert alive.post(f"/v1/targets/{PLAN}-t17.4-k2/measurements", measured).status_code == 201
        yield alive


def table(client: TestClient, path: str) -> list[list[str]]:
    return [*csv.reader(io.StringIO(client.get(path).text.removeprefix("\ufeff")))]


def image(client: TestClient, path: str) -> etree._Element:
    return etree.fromstring(client.get(path).content)


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_each_chart_of_a_page_is_linked_as_an_image_and_as_a_table(
    service: Service, language: str
) -> None:
    found = []
    for page in (f"/monitoring{DAY}&lang={language}", f"/targets?plan={PLAN}&lang={language}"):
        saved = [
            link
            for link in links(service.client.get(page).text)
            if ".svg?" in link or "csv?" in link
        ]
        found += [link for link in saved if not link.startswith("/qr")]
    assert len(found) == 2 * len(CHARTS) + 1
    for link in found:
        answer = service.client.get(link)
        is_image = ".svg" in link
        type_ = "image/svg+xml" if is_image else "text/csv; charset=utf-8"
        assert (answer.status_code, answer.headers["content-type"]) == (200, type_)
        assert answer.headers["content-language"] == language
        for name, value in HEADERS.items():
            assert answer.headers[name] == value
        assert answer.headers["etag"]
        if is_image:
            assert etree.fromstring(answer.content).tag == f"{SVG}svg"
        else:
            assert answer.headers["content-disposition"].startswith(
                f'attachment; filename="{PLAN}-'
            )


def test_image_and_table_have_the_numbers_of_the_page(service: Service) -> None:
    standing = service.json(f"/v1/monitoring{DAY}")
    client = service.client
    header, *rows = table(client, f"/monitoring/sections.csv{DAY}&lang=en")
    shown = [dict(zip(header, row, strict=True)) for row in rows]
    for row, of in zip(shown, standing["sections"], strict=True):
        assert row["section_title"] == of["section"]["title"]
        assert [row[f"status_{one}"] for one in STATUSES] == [
            str(of["status"][one]) for one in STATUSES
        ]
    drawn = image(client, f"/monitoring/sections.svg{DAY}").findall(f"{SVG}g")
    for group, of in zip(drawn, standing["sections"], strict=True):
        parts = group.findall(f"{SVG}rect")[1:]
        counts = [of["status"][one] for one in STATUSES if of["status"][one]]
        widths = [float(part.get("width")) for part in parts]
        assert widths == [pytest.approx(760 * one / of["tasks"], abs=0.01) for one in counts]
    whole = image(client, f"/monitoring/status.svg{DAY}&lang=en").findall(f"{SVG}g")
    assert [group[2].text for group in whole] == ["On track 1 · Not reported 65"]
    status = dict(table(client, f"/monitoring/status.csv{DAY}"))
    assert (status["正常推进"], status["未报告"]) == ("1", "65")
    course = table(client, f"/monitoring/course.csv{DAY}")
    assert [row[0] for row in course[1:]] == [
        "2022-03-31",
        "2022-06-30",
        "2022-09-30",
        "2022-12-31",
    ]
    assert (
        len(
            image(client, f"/monitoring/course.svg{DAY}")
            .find(f"{SVG}polyline")
            .get("points")
            .split()
        )
        == 4
    )
    reached = [
        group.findall(f"{SVG}rect")[1].get("width")
        for group in image(client, f"/targets/attainment.svg?plan={PLAN}")
        if len(group.findall(f"{SVG}rect")) == 2
    ]
    assert reached == ["190.0"]  # 25 of 100


def test_the_course_has_the_numbers_of_monitoring_at_each_day(service: Service) -> None:
    _, *rows = table(service.client, f"/monitoring/course.csv{DAY}&lang=en")
    assert len(rows) == 4
    for day, tasks, *counts in rows:
        then = service.json(f"/v1/monitoring?plan={PLAN}&as_of={day}")
        assert (int(tasks), [*map(int, counts)]) == (
            then["tasks"],
            [then["status"][one] for one in STATUSES],
        )
    assert len({tuple(row[2:]) for row in rows}) > 1


def test_charts_of_a_task_an_agency_and_an_embed_can_be_saved(service: Service) -> None:
    client = service.client
    (target,) = [
        one
        for one in service.json(f"/v1/targets?plan={PLAN}&limit=200")["data"]
        if one["attainment"]["latest_value"] is not None
    ]
    task = f"/tasks/{target['task']['id']}"
    agency = f"/agencies/{target['agencies'][0]['id']}"
    for path in (task, agency, f"/embed/monitoring{DAY}"):
        found = parsed(client.get(path).text).xpath("//a[@download]/@href")
        assert found[0].partition("?")[0].endswith(".svg"), path
        assert image(client, found[0]).findall(f"{SVG}g"), path
        assert client.get(found[1]).headers["content-type"].startswith("text/csv"), path
    other = next(
        one["id"]
        for one in service.json(f"/v1/tasks?plan={PLAN}&has_targets=true&limit=200")["data"]
        if one["id"] != target["task"]["id"]
    )
    assert not parsed(client.get(f"/tasks/{other}").text).xpath("//a[@download]")


def test_labels_are_text_whatever_they_hold(service: Service) -> None:
    with service.session() as session:
        first = f"{PLAN}-s1"
        before = session.get_one(Section, first).title
        session.execute(update(Section).where(Section.id == first).values(title=HOSTILE))
        session.commit()
    path = f"/monitoring/sections.{{}}{DAY}&uncached"
    try:
        drawn = image(service.client, path.format("svg"))
        assert {element.tag for element in drawn.iter(etree.Element)} <= {
            f"{SVG}{name}" for name in ("svg", "title", "rect", "text", "g")
        }
        (group,) = [one for one in drawn.iter(f"{SVG}g") if one[0].text == HOSTILE]
        assert len(group[1].text) == 22
        assert any(row[1] == f"'{HOSTILE}" for row in table(service.client, path.format("csv")))
    finally:
        with service.session() as session:
            session.execute(update(Section).where(Section.id == first).values(title=before))
            session.commit()
    assert (
        etree.fromstring(f"<a>{printed(chr(0) + chr(11) + chr(0xFFFE) + '字')}</a>").text
        == "\ufffd" * 3 + "字"
    )


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/monitoring/nothing.svg{DAY}", 404),
        (f"/monitoring/nothing.csv{DAY}", 404),
        ("/monitoring/status.svg?plan=nothing", 422),
        ("/monitoring/status.csv?as_of=x", 422),
        (f"/monitoring/course.svg?plan={PLAN}&as_of=2022-01-15", 404),  # there is no line yet
        ("/targets/attainment.svg?q=没有这样的目标", 404),
    ],
)
def test_what_is_no_chart_is_a_page_that_says_so(
    client: TestClient, path: str, status: int
) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "text/html; charset=utf-8",
    )


def test_an_image_has_the_colours_of_the_style_sheet() -> None:
    assert colours().keys() == {*STATUSES, "met", "below"}
    assert len({colours()[one] for one in STATUSES}) == len(STATUSES)
