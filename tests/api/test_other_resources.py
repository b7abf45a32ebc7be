"""Plans, sections, agencies, targets, platforms, and the service document."""

import hashlib

import pytest
from starlette.testclient import TestClient

LISTS = ["plans", "sections", "tasks", "agencies", "targets", "platforms", "jurisdictions"]


def test_the_plan_states_its_source_and_counts(client: TestClient) -> None:
    plan = client.get("/v1/plans/gd-dg-2022").json()
    assert plan["title"] == "广东省数字政府改革建设2022年工作要点"
    assert plan["document_number"] == "粤办函〔2022〕24号"
    assert plan["issuer"] == "广东省人民政府办公厅"
    assert plan["issued_on"] == "2022-02-28"
    assert plan["addressees"] == ["各地级以上市人民政府", "省政府各部门", "各直属机构"]
    assert plan["counts"] == {
        "sections": 6, "items": 30, "tasks": 66,
        "assignments": 86, "agencies": 38, "targets": 18,
    }  # fmt: skip
    assert plan["source"]["received_script"] == "zh-Hant"
    assert plan["source"]["corrections"]["mechanical"] == 874 + 475 + 5 + 307


def test_every_span_is_the_thing(client: TestClient) -> None:
    text = client.get("/v1/plans/gd-dg-2022/text").json()["text"]

    def at(thing: dict[str, dict[str, int]]) -> str:
        return str(text[thing["span"]["start"] : thing["span"]["end"]])

    sections, tasks, targets = (
        client.get(f"/v1/{name}?limit=1000").json()["data"]
        for name in ("sections", "tasks", "targets")
    )
    corrections = client.get("/v1/plans/gd-dg-2022/text").json()["corrections"]
    assert [*map(len, (sections, tasks, targets, corrections))] == [6, 76, 18, 1672]
    for section in sections:
        assert at(section).startswith(f"{section['label']}、{section['title']}\n")
    for task in tasks:
        whole = at(task)
        number = f"{task['ordinal']}." if task["parent"] else task["label"]
        assert whole.startswith(f"{number}{task['title']}。{task['body'] or ''}")
        if task["is_leaf"]:
            assert whole.endswith(f"（{task['assignment_clause']}）")
    for target in targets:
        assert at(target) == target["statement"]
    for correction in corrections:
        assert at(correction) == correction["text"]


def test_the_text_is_what_its_hash_says(client: TestClient) -> None:
    as_json = client.get("/v1/plans/gd-dg-2022/text").json()
    plain = client.get("/v1/plans/gd-dg-2022/text", headers={"Accept": "text/plain"})
    assert plain.headers["content-type"] == "text/plain; charset=utf-8"
    assert plain.text == as_json["text"]
    assert client.get("/v1/plans/gd-dg-2022/text?format=text").content == plain.content
    assert hashlib.sha256(plain.content).hexdigest() == as_json["text_sha256"]
    assert len(plain.text) == as_json["text_length"]


def test_an_agency_is_found_by_any_name(client: TestClient) -> None:
    found = client.get("/v1/agencies", params={"name": "政務服務數據管理局"}).json()["data"]
    assert [agency["id"] for agency in found] == ["gd-government-data"]
    assert found[0]["counts"] == {"lead": 35, "responsible": 0, "support": 0, "guide": 0}
    shared = client.get("/v1/agencies", params={"name": "地市政府"}).json()["data"]
    assert {agency["id"] for agency in shared} == {"gd-all-cities", "gd-relevant-cities"}


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("", 18),
        ("kind=quantitative", 14),
        ("kind=coverage&kind=deadline", 4),
        ("unit=项", 3),
        ("comparator=between", 1),
        ("attainment=not_reported&unit=项", 3),
        ("attainment=met&attainment=below", 0),
        ("due_from=2023-01-01", 0),
        ("due_to=2022-12-31", 18),
        ("agency=省医保局", 1),
        ("task=gd-dg-2022-t17.4", 4),
        ("section=gd-dg-2022-s2", 1),
    ],
)
def test_target_filters(client: TestClient, query: str, total: int) -> None:
    page = client.get(f"/v1/targets?{query}").json()
    assert page["page"]["total"] == len(page["data"]) == total


def test_figures_are_normalised_and_kept_as_printed(client: TestClient) -> None:
    target = client.get("/v1/targets/gd-dg-2022-t17.2-k3").json()
    assert target["statement"] == "平台月均活跃用户超过200万"
    assert (target["value"], target["comparator"]) == (2000000, "gt")
    assert (target["as_written"], target["is_average"]) == ("超过200万", True)
    assert (target["due_on"], target["due_basis"]) == ("2022-12-31", "plan_end")
    between = client.get("/v1/targets/gd-dg-2022-t17.2-k1").json()
    assert (between["value"], between["value_upper"]) == (3, 5)
    cut = client.get("/v1/targets/gd-dg-2022-t2-k1").json()
    assert (cut["value"], cut["unit"], cut["direction"]) == (60, "%", "decrease")
    intro = client.get("/v1/targets/gd-dg-2022-s2-k1").json()
    assert intro["task"] is None
    assert (intro["kind"], intro["due_basis"]) == ("deadline", "stated")


def test_platforms_say_which_tasks_name_them(client: TestClient) -> None:
    platform = client.get("/v1/platforms/yue-zheng-yi").json()
    assert [task["code"] for task in platform["tasks"]] == ["2", "21"]
    assert platform["mentions"] == 2


def test_the_service_document_leads_everywhere(client: TestClient) -> None:
    service = client.get("/v1").json()
    assert len(service["links"]) >= 20
    for name, path in service["links"].items():
        answer = client.get(
            path.replace("{?q}", "?q=数据").replace(  # templates of RFC 6570
                "{?plan,as_of}", "?plan=gd-dg-2022&as_of=2022-12-31"
            )
        )
        assert answer.status_code == 200, name
        if name == "tasks":
            assert answer.json()["page"]["total"] == 76
            leaves = client.get("/v1/tasks?leaf=true").json()["page"]["total"]
            assert leaves == service["counts"]["tasks"] == 66
        elif name in service["counts"]:
            assert answer.json()["page"]["total"] == service["counts"][name]


@pytest.mark.parametrize("name", LISTS)
def test_every_list_walks_in_every_order(client: TestClient, name: str) -> None:
    for sort in ("notice", "-notice", "title", "-title", "changed_at", "-changed_at"):
        query = f"/v1/{name}?sort={sort}&limit=4"
        page = client.get(query).json()
        ids = [row["id"] for row in page["data"]]
        while page["page"]["next"]:
            page = client.get(f"{query}&cursor={page['page']['next']}").json()
            ids += [row["id"] for row in page["data"]]
            assert len(ids) <= page["page"]["total"], "a walk that does not end"
        assert len(ids) == len(set(ids)) == page["page"]["total"], sort


def test_ready_when_data_is_there(client: TestClient) -> None:
    assert client.get("/livez").json() == {"status": "alive"}
    assert client.get("/readyz").json()["status"] == "ready"
