"""The main job: an HTTP client fetches tasks, by agency and more."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from seed.notice_files import ReadNotice
from seed.registry import Registry


def listed(client: TestClient, query: str) -> list[str]:
    answer = client.get(f"/v1/tasks?{query}")
    assert answer.status_code == 200, answer.text
    return [task["code"] for task in answer.json()["data"]]


def test_a_task_is_as_the_notice_says(client: TestClient) -> None:
    task = client.get("/v1/tasks/gd-dg-2022-t12.4").json()
    assert task["label"] == "（十二）4"
    assert task["title"] == "深化“互联网+监管”"
    assert task["body"].startswith("优化升级“互联网+监管”平台，推动建立省、市、县（市、区）")
    assert task["body"].endswith("减少监管盲区、提升监管能力。")
    assert task["assignment_clause"] == "省政务服务数据管理局、司法厅、市场监管局牵头"
    assert [(a["agency"]["name"], a["as_written"]) for a in task["assignments"]] == [
        ("省政务服务数据管理局", "省政务服务数据管理局"),
        ("省司法厅", "司法厅"),
        ("省市场监管局", "市场监管局"),
    ]
    assert task["parent"]["code"] == "12"
    assert task["section"]["title"] == "开创省域治理工作新局面"
    assert task["citation"] == (
        "《广东省数字政府改革建设2022年工作要点》（粤办函〔2022〕24号）第（十二）项第4点"
    )
    assert task["progress"]["status"] == "not_reported"
    assert task["progress"]["reported_on"] is None


def test_the_same_shape_alone_and_in_a_list(client: TestClient) -> None:
    tasks = client.get("/v1/tasks?limit=1000").json()["data"]
    assert len(tasks) == 76
    for listed_task in tasks:
        assert client.get(f"/v1/tasks/{listed_task['id']}").json() == listed_task


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("agency=gd-public-security", ["13.2", "22"]),
        ("agency=省公安厅", ["13.2", "22"]),
        ("agency=公安厅", ["13.2", "22"]),
        ("agency=廣東省公安廳", ["13.2", "22"]),
        ("agency=省发改委", ["19.6"]),
        ("agency=省公安厅&agency=省水利厅", ["13.2", "15.3", "22"]),
        ("agency=省公安厅&role=lead", ["13.2", "22"]),
        ("agency=省公安厅&role=support", []),
        ("role=guide", []),
        ("agency_kind=party_organ", ["13.1", "22"]),
        ("agency_kind=enterprise&agency=深圳市政府", []),
        ("agency_kind=enterprise", ["7"]),
        ("place=深圳", ["4", "7"]),
        ("place=440300", ["4", "7"]),
        ("place=韶关", []),
        ("platform=粤省事", ["9", "17.1"]),
        ("platform=yue-sheng-shi-ma", ["13.2"]),
        ("parent=gd-dg-2022-t10", ["10.1", "10.2"]),
        ("section=gd-dg-2022-s2", ["5", "6", "7", "8", "9"]),
        ("section=gd-dg-2022-s2&has_targets=true", []),
        ("has_targets=true&sort=code",
         ["2", "17.2", "17.4", "18.5", "19.1", "19.4", "19.6", "20", "22", "28"]),
        ("status=not_reported&section=gd-dg-2022-s2", ["5", "6", "7", "8", "9"]),
        ("status=completed&status=delayed", []),
        ("level=item&leaf=false", [str(n) for n in range(10, 20)]),
        ("id=gd-dg-2022-t9&id=gd-dg-2022-t10", ["9", "10"]),
        ("changed_since=2026-01-02T03:04:06Z", []),
        ("section=gd-dg-2022-s2&sort=-notice", ["9", "8", "7", "6", "5"]),
    ],
)  # fmt: skip
def test_filters(client: TestClient, query: str, codes: list[str]) -> None:
    assert listed(client, query) == codes


def test_every_lead_is_found_by_every_name_in_both_scripts(
    client: TestClient, registry: Registry, notice: ReadNotice
) -> None:
    from app.chinese.scripts import converter

    tasks = notice.plan.tasks()
    assert len(registry.agencies) >= 38
    for agency in registry.agencies:
        mine = [t.code for t in tasks if any(a.agency == agency.id for a in t.assignments)]
        assert mine, agency
        for name in (agency.id, *agency.names):
            if name == "地市政府":
                continue
            scripts = [converter(script).convert(name) for script in ("s2t", "s2hk", "s2tw")]
            for written in {name, *scripts}:
                answer = client.get("/v1/tasks", params={"agency": written, "limit": 1000})
                assert answer.status_code == 200, (written, answer.text)
                assert [t["code"] for t in answer.json()["data"]] == mine, written


def test_an_ambiguous_name_is_refused_with_the_candidates(client: TestClient) -> None:
    answer = client.get("/v1/tasks", params={"agency": "地市政府"})
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["type"] == "/problems/ambiguous-name"
    assert problem["errors"][0]["allowed"] == ["gd-all-cities", "gd-relevant-cities"]


def test_a_collective_is_not_expanded(client: TestClient) -> None:
    assert listed(client, "agency=各地级以上市政府") == ["10.2"]
    assert listed(client, "agency=深圳市政府") == ["7", "8"]


def test_items_with_sub_items_do_not_inherit_assignments(client: TestClient) -> None:
    tasks = client.get("/v1/tasks?leaf=false").json()["data"]
    assert len(tasks) == 10
    for task in tasks:
        assert task["assignments"] == []
        assert task["assignment_clause"] is None
        assert task["body"] is None


@pytest.mark.parametrize("sort", ["notice", "code", "title", "due_on", "changed_at"])
@pytest.mark.parametrize("direction", ["", "-"])
def test_walking_all_pages_gives_each_row_once(
    client: TestClient, sort: str, direction: str
) -> None:
    whole = client.get(f"/v1/tasks?limit=1000&sort={direction}{sort}").json()
    walked: list[Any] = []
    query = f"/v1/tasks?limit=7&sort={direction}{sort}"
    answer = client.get(query)
    while True:
        page = answer.json()
        assert page["page"]["total"] == 76
        walked += page["data"]
        assert len(walked) <= 76, "a walk that does not end"
        if page["page"]["next"] is None:
            assert 'rel="next"' not in answer.headers["link"]
            break
        following = answer.links["next"]["url"]
        answer = client.get(f"{query}&cursor={page['page']['next']}")
        assert client.get(following).json() == answer.json()
    assert walked == whole["data"]


def test_both_databases_sort_titles_alike(client: TestClient) -> None:
    titles = [task["title"] for task in client.get("/v1/tasks?sort=title").json()["data"]]
    assert titles == sorted(titles)


def test_missing_ids_are_named(client: TestClient) -> None:
    page = client.get("/v1/tasks?id=gd-dg-2022-t1&id=gd-dg-2022-t77&id=x").json()
    assert [task["code"] for task in page["data"]] == ["1"]
    assert page["page"]["missing"] == ["gd-dg-2022-t77", "x"]
