"""A plan of every depth that a notice can have, read, stored and served as `governments.md` has it."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.db.engine import open_engine
from app.main import create_app
from app.settings import Settings
from seed.editorial import Editorial
from seed.load import load
from seed.notice_files import ReadNotice
from seed.reader.as_plan import as_plan
from seed.reader.bodies import Bodies, known_from
from seed.reader.files import read_file
from seed.registry import Agency, Registry, read_registry
from seed.restore import Restored
from tests.support import LATER, ROOT
from tests.support.databases import Databases

DEEP, FLAT, TABLE, ANNEX = "every-depth", "flat-list", "task-table", "annex"
FIRST_LEADS, BLANKET = "first-leads", "blanket"
PAIRS = ROOT / "tests" / "seed" / "pairs"
FILES = {
    DEEP: (Path(__file__).parent / "notices" / "every-depth.txt", "990000"),
    FLAT: (PAIRS / "flat-list.txt", "440000"),
    TABLE: (PAIRS / "task-table.md", "440000"),
    ANNEX: (PAIRS / "annex.txt", "440000"),
    FIRST_LEADS: (PAIRS / "groups-above-running-numbers.txt", "330000"),
    BLANKET: (PAIRS / "restarting-numbers.txt", "100000"),
}
TITLE = "《示例省数字服务行动计划（2030—2032年）》（示例办函〔2030〕7号）"


def as_read(plan: str, registry: Registry) -> ReadNotice:
    """The notice of a file; questions, which other tests are about, are taken as answered."""
    path, jurisdiction = FILES[plan]
    reading = read_file(path, Bodies(known_from(registry), jurisdiction))
    reading.questions = []
    for task in reading.tasks:  # bodies that no registry has are no matter here
        for clause in task.clauses:
            clause.assignments = [one for one in clause.assignments if one.agency]
        task.by_rule = [one for one in task.by_rule if one.agency]
    text = reading.text.text
    made = as_plan(reading, plan, registry.of_jurisdiction(jurisdiction), Editorial(jurisdiction))
    return ReadNotice(
        made, Restored(text, (), "zh-Hans"), hashlib.sha256(text.encode()).hexdigest()
    )


@pytest.fixture(scope="module")
def deep(databases: Databases) -> Iterator[TestClient]:
    registry = read_registry(additions=[ROOT / "seed" / "examples" / "registry"])
    cities = Agency(
        "example-pilot-cities", "示范城市政府", "示范城市政府", "collective", "100000", ()
    )
    registry = replace(registry, agencies=(*registry.agencies, cities))
    with databases.loaded() as url:
        engine = open_engine(url)
        notices = [as_read(plan, registry) for plan in FILES]
        load(engine, registry, notices, LATER)
        engine.dispose()
        with TestClient(create_app(Settings(database_url=url, webhook_delivery=False))) as client:
            yield client


def task(client: TestClient, code: str, plan: str = DEEP) -> Any:
    return client.get(f"/v1/tasks/{plan}-t{code}").json()


def ids(client: TestClient, path: str) -> list[str]:
    found = client.get(path)
    assert found.status_code == 200, found.text
    return [row["id"].removeprefix(f"{DEEP}-") for row in found.json()["data"]]


def test_tasks_have_four_levels_and_codes_that_sort_by_their_numbers(deep: TestClient) -> None:
    rows = deep.get(f"/v1/tasks?plan={DEEP}&sort=code").json()["data"]
    assert [(row["code"], row["level"], row["label"]) for row in rows] == [
        ("1", "subitem", "（二）1"), ("1.1", "measure", "（二）1（1）"),
        ("1.1.1", "point", "（二）1（1）①"), ("1.1.2", "point", "（二）1（1）②"),
        ("1.2", "measure", "（二）1（2）"), ("1-1", "item", "（一）"), ("1-2", "item", "（二）"),
        ("2", "subitem", "（二）2"), ("2-1", "item", "（一）"), ("2-2", "item", "（二）"),
        ("3-0", "item", "三"),
    ]  # fmt: skip
    assert [row["code"] for row in rows if not row["is_leaf"]] == ["1", "1.1", "1-2"]
    assert rows[2]["parent"]["code"] == "1.1"
    assert ids(deep, f"/v1/tasks?plan={DEEP}&sort=-code") == [f"t{r['code']}" for r in rows][::-1]
    assert deep.get(f"/v1/plans/{DEEP}").json()["counts"]["tasks"] == 8


@pytest.mark.parametrize(
    ("code", "citation"),
    [
        ("1-1", "第一部分第（一）项"),
        ("1.1.1", "第（二）项第1点第（1）小点第①细目"),
        ("3-0", "第三部分"),
    ],
)
def test_a_citation_names_the_section_where_numbers_begin_anew(
    deep: TestClient, code: str, citation: str
) -> None:
    assert task(deep, code)["citation"] == TITLE + citation


def test_what_has_no_number_or_section_is_cited_by_what_is_printed(deep: TestClient) -> None:
    flat = task(deep, "3", FLAT)
    assert (flat["section"], flat["citation"][-3:]) == (None, "第三项")
    assert task(deep, "a1-2", ANNEX)["citation"].endswith("附件1第（二）项")
    row = task(deep, "3", TABLE)
    assert row["section"]["title"] == "建设医院"
    assert deep.get(f"/v1/sections/{row['section']['id']}").json()["label"] is None
    assert row["citation"] == "《广东省公共服务2024年工作任务清单》第3项"


def test_several_clauses_each_assign_and_cover_their_own_words(deep: TestClient) -> None:
    found = task(deep, "1-1")
    text = deep.get(f"/v1/plans/{DEEP}/text").json()["text"]
    assert found["assignment_clause"] is None
    assert [text[c["covers"]["start"] : c["covers"]["end"]] for c in found["assignment_clauses"]] == [
        "建设平台。到2031年底，建成共享平台3个。", "每年培训人员500人次以上。",
    ]  # fmt: skip
    assert found["body"] == "到2031年底，建成共享平台3个。\n每年培训人员500人次以上。"
    assert [
        (one["agency"]["name"], one["role"], one["position"], one["clause"])
        for one in found["assignments"]
    ] == [
        ("省数据局", "lead", 1, 0), ("省财政厅", "support", 2, 0),
        ("省教育厅", "responsible", 3, 1), ("省数据局", "responsible", 4, 1),
    ]  # fmt: skip
    by_target = [[a["name"] for a in target["agencies"]] for target in found["targets"]]
    assert by_target == [["省数据局"], ["省教育厅", "省数据局"]]
    parent = task(deep, "1-2")
    assert (parent["is_leaf"], parent["assignment_clause"]) == (False, "省司法厅牵头")


def test_a_rule_of_the_document_is_shown_at_what_rests_on_it(deep: TestClient) -> None:
    def by_rule(code: str, plan: str) -> list[tuple[str, str, int | None, str]]:
        text = deep.get(f"/v1/plans/{plan}/text").json()["text"]
        return [
            (a["agency"]["name"], a["role"], a["clause"],
             text[a["rule"]["start"] : a["rule"]["end"]])
            for a in task(deep, code, plan)["assignments"] if a["rule"]
        ]  # fmt: skip

    assert by_rule("1", FIRST_LEADS) == [("杭州市政府", "lead", 0, "列第一位的为牵头单位，下同")]
    assert "<q>列第一位的为牵头单位，下同</q>" in deep.get(f"/tasks/{FIRST_LEADS}-t1").text
    [(name, role, clause, rule)] = by_rule("2-3", BLANKET)
    assert (name, role, clause) == ("示范城市政府", "responsible", None)
    assert rule.startswith("以下均需示范城市政府落实")


def test_a_task_is_counted_once_for_an_agency_in_two_of_its_clauses(deep: TestClient) -> None:
    agency = "example-province-data"
    listed = deep.get(f"/v1/tasks?agency={agency}").json()["page"]["total"]
    facet = deep.get(f"/v1/facets/tasks/agency?plan={DEEP}").json()["data"]
    assert {one["value"]: one["count"] for one in facet}[agency] == listed == 4
    roles = deep.get(f"/v1/facets/tasks/role?agency={agency}").json()["data"]
    assert {one["value"]: one["count"] for one in roles} == {"lead": 2, "responsible": 3}
    counts = deep.get(f"/v1/agencies/{agency}").json()["counts"]
    assert (counts["lead"], counts["responsible"]) == (2, 3)


def test_targets_say_how_firmly_how_often_and_from_where(deep: TestClient) -> None:
    rows = {
        row["task"]["code"] + row["id"][-3:]: row
        for row in deep.get(f"/v1/targets?plan={DEEP}").json()["data"]
    }
    assert rows["1.2-k1"]["baseline"] == {"value": 10, "as_of": None}
    assert (rows["2-k1"]["strength"], rows["2-k1"]["comparator"]) == ("aim", "about")
    assert rows["2-1-k1"]["strength_label"] == "原则上"
    assert (rows["1-1-k1"]["due_on"], rows["1-1-k1"]["due_basis"]) == ("2031-12-31", "inherited")
    yearly = rows["2-2-k1"]
    assert (yearly["recurrence"], yearly["recurs_on"]) == ("yearly", ["06-30"])
    assert (yearly["due_on"], yearly["due_basis"]) == ("2032-12-31", "plan_end")
    found = ids(deep, f"/v1/targets?plan={DEEP}&recurrence=yearly&sort=code")
    assert found == ["t1-1-k2", "t2-2-k1"]
    facet = deep.get(f"/v1/facets/targets/recurrence?plan={DEEP}").json()["data"]
    assert [(one["value"], one["count"]) for one in facet] == [(None, 6), ("yearly", 2)]
    assert ids(deep, f"/v1/targets?plan={DEEP}&strength=principle") == ["t2-1-k1"]


def test_what_has_no_date_is_last_in_both_orders_and_matches_no_bound(deep: TestClient) -> None:
    for resource in ("tasks", "targets"):
        for sort in ("due_on", "-due_on"):
            rows = deep.get(f"/v1/{resource}?sort={sort}&limit=1000").json()["data"]
            dated = [any(t["due_on"] for t in row.get("targets", [row])) for row in rows]
            assert dated == sorted(dated, reverse=True)
            assert not all(dated)
    everything = deep.get("/v1/targets?due_from=0001-01-01&limit=1000").json()["data"]
    assert all(row["due_on"] for row in everything)
    never = f"/v1/targets?plan={FLAT}&overdue_on=2999-01-01"
    for filter_ in ("overdue", "period_ended"):
        yes, no = (ids(deep, f"{never}&{filter_}={value}") for value in ("true", "false"))
        undated = deep.get(f"/v1/targets/{FLAT}-t3-k1").json()
        assert (undated["due_on"], undated["due_basis_label"]) == (None, None)
        assert undated["id"] in no
        assert undated["id"] not in yes


def test_a_day_of_every_year_is_in_the_calendar_until_the_end_of_the_plan(deep: TestClient) -> None:
    calendar = deep.get(f"/v1/deadlines.ics?plan={DEEP}").text
    events = calendar.split("BEGIN:VEVENT")[1:]
    assert len(events) == 4  # three printed days, and one that recurs
    (yearly,) = (event for event in events if "RRULE" in event)
    assert "DTSTART;VALUE=DATE:20300630" in yearly
    assert "RRULE:FREQ=YEARLY;UNTIL=20321231" in yearly


def test_every_format_holds_plans_of_any_depth(deep: TestClient) -> None:
    for plan in FILES:
        for format_ in ("json", "ndjson", "csv", "xlsx", "stratml", "markdown"):
            found = deep.get(f"/v1/plans/{plan}/download?format={format_}")
            assert found.status_code == 200, (plan, format_)
        assert deep.get(f"/v1/monitoring?plan={plan}").status_code == 200
    text = deep.get(f"/v1/plans/{DEEP}/download?format=markdown").text
    assert "###### （二）1（1）① 起草办法" in text
    assert "3个。（省数据局牵头，省财政厅配合）每年培训" in text
    flat = deep.get(f"/v1/plans/{FLAT}/download?format=markdown").text
    assert "\n## 一 健全制度\n" in flat
    stratml = deep.get(f"/v1/plans/{FLAT}/download?format=stratml").text
    assert stratml.count("<Objective>") == 3


@pytest.mark.parametrize("resource", ["tasks", "targets"])
def test_what_is_in_no_section_is_counted_under_null(deep: TestClient, resource: str) -> None:
    facet = deep.get(f"/v1/facets/{resource}/section?plan={FLAT}").json()
    assert facet["total"] > 0
    assert facet["data"] == [{"value": None, "label": None, "count": facet["total"]}]
    both = deep.get(f"/v1/facets/{resource}/section?plan={FLAT}&plan={DEEP}").json()
    assert facet["data"][0] in both["data"]
    assert sum(bucket["count"] for bucket in both["data"]) == both["total"]
