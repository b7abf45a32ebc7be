"""Two years side by side, with the example plans."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests.support.databases import Databases
from tests.support.pages import links, parsed, words
from tests.support.years import fill_with_examples

HERE, THERE = "example-province-2026", "example-province-2025"
PATH = f"/plans/{HERE}/comparison?with={THERE}"


@pytest.fixture(scope="module")
def years(on_sqlite: Databases) -> Iterator[TestClient]:
    with on_sqlite.copy_of("examples", fill_with_examples) as url:
        settings = Settings(database_url=url, webhook_delivery=False)
        with TestClient(create_app(settings)) as client:
            yield client


def test_differences_of_shares_are_points_and_what_has_none_is_a_dash(years: TestClient) -> None:
    page = parsed(years.get(PATH).text)
    rows = {
        row[0].text_content(): row[3].text_content() for row in page.xpath("//table[1]/tbody/tr")
    }
    assert rows["云资源平均使用率"] == "+10 个百分点"
    assert rows["改造数据中心"] == "−3 个"
    assert rows["首席数据官专题培训"] == "0 期"
    assert rows["电子印章在市县部门"] == "—"


def test_words_of_one_year_alone_are_marked_and_the_rest_is_the_text(years: TestClient) -> None:
    found = years.get(f"/v1{PATH}").json()
    rows = parsed(years.get(PATH).text).xpath('//h2[@id="pairs"]/following::table[1]/tbody/tr')
    assert len(rows) == len(found["pairs"])
    marked = 0
    for row, pair in zip(rows, found["pairs"], strict=True):
        for cell, side, operation, element in (
            (1, "there", "deleted", "del"),
            (2, "here", "inserted", "ins"),
        ):
            shown = row[cell]
            task = years.get(f"/v1/tasks/{pair[side]['id']}").json()
            assert task["title"] in shown.text_content()
            if "body" in pair["changes"] and task["body"]:
                assert shown.xpath('.//p[@class="words"]')[0].text_content() == task["body"]
                expected = [
                    task["body"][one[side]["start"] : one[side]["end"]]
                    for one in pair["diff"]["body"]
                    if one["op"] == operation
                ]
                assert [one.text_content() for one in shown.xpath(f".//p//{element}")] == expected
                marked += len(expected)
    assert marked


def test_targets_that_moved_and_tasks_of_one_year_are_listed(years: TestClient) -> None:
    found = years.get(f"/v1{PATH}").json()
    page = years.get(PATH).text
    assert {one["id"] for one in found["only_here"] + found["only_there"]} <= {
        link.rpartition("/")[2] for link in links(page)
    }
    assert all(one["here"]["as_written"] in words(page) for one in found["targets"])


def test_a_plan_and_a_task_lead_to_the_year_before_and_the_history(years: TestClient) -> None:
    task = f"/tasks/{HERE}-t1-1"
    assert PATH in links(years.get(f"/plans/{HERE}").text)
    found = links(years.get(task).text)
    assert f"{PATH}#{HERE}-t1-1" in found
    assert f"{task}/history" in found
    assert f"/tasks/{THERE}-t1" in links(years.get(f"{task}/history").text)
    assert years.get(f"/plans/{HERE}/comparison").text.count("<del>") == years.get(PATH).text.count(
        "<del>"
    )


def test_a_task_shows_each_of_several_clauses_and_what_it_covers(years: TestClient) -> None:
    tasks = years.get("/v1/tasks?limit=1000").json()["data"]
    task = next(one for one in tasks if len(one["assignment_clauses"]) > 1)
    items = parsed(years.get(f"/tasks/{task['id']}").text).xpath("//main//ol/li/span/text()")
    assert items == [one["text"] for one in task["assignment_clauses"]]


def test_platforms_that_only_one_year_mentions_are_listed(years: TestClient) -> None:
    platforms = years.get(f"/v1{PATH}").json()["platforms"]
    here, there = ({one["id"] for one in platforms[side]} for side in ("here", "there"))
    listed = {link[11:] for link in links(years.get(PATH).text) if link.startswith("/platforms/")}
    assert listed == here ^ there


def test_the_other_order_of_two_years_leads_to_the_right_one(years: TestClient) -> None:
    wrong = f"/plans/{THERE}/comparison?with={HERE}&lang=en"
    answer = years.get(wrong, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, f"{PATH}&lang=en")


def test_a_comparison_shows_what_readers_need(years: TestClient) -> None:
    both = years.get("/compare?a=gd-dg-2022-t17.1&b=gd-dg-2022-t17.2")
    assert both.status_code == 200
    assert "平台月均活跃用户超过200万" in words(both.text)
    assert "html_url" not in words(both.text)
    found = both.text.partition("<tbody>")[2]
    assert "6074" not in found  # places in the text are for programs


def test_tasks_of_several_plans_name_theirs_and_those_of_one_do_not(years: TestClient) -> None:
    several = parsed(years.get("/agencies/example-province-data").text)
    lead = several.xpath('//h2[@id="lead"]/following-sibling::ul[1]/li')
    citations = {row[-1].text_content().partition("》")[0] for row in lead}
    assert citations == {f"《示例省数字政府建设{year}年工作要点" for year in (2025, 2026)}
    one = years.get(f"/tasks?plan={HERE}&limit=5").text
    assert "《示例省数字政府建设" not in words(one)


def test_tasks_without_a_section_are_counted_and_no_filter(years: TestClient) -> None:
    listed = parsed(years.get("/tasks").text)
    assert "None" not in listed.text_content()
    (without,) = listed.xpath('//ul[@class="facets"]/li[starts-with(., "未注明")]')
    assert not without.xpath(".//a")
