"""What is asked for by its number, label, citation or id is found first; names as they are pasted."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from app.chinese.folding import folded
from tests.support import PLAN

NUMBERS = (
    "粤办函〔2022〕24号",
    "粤办函[2022]24号",
    "粤办函（2022）24号",
    "粤办函(2022)24号",
    "粤办函【2022】24号",
    "粤办函〔２０２２〕２４号",
    "粤辦函〔2022〕24號",
    "粤办函 〔2022〕 24号",
    "（粤办函〔2022〕24号）",
    "粤办函〔2022〕\u200b24号",
)


def hits(client: TestClient, q: str, **more: str) -> list[dict[str, Any]]:
    answer = client.get("/v1/search", params={"q": q, "limit": "1000", **more})
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert page["page"]["total"] == len(page["data"])
    found: list[dict[str, Any]] = page["data"]
    return found


@pytest.mark.parametrize("number", NUMBERS)
def test_a_document_number_finds_its_plan_first_in_every_kind_of_bracket(
    client: TestClient, number: str
) -> None:
    best = hits(client, number)[0]
    assert (best["kind"], best["id"], best["score"]) == ("plan", PLAN, 1)
    assert best["snippet"] == {
        "field": "document_number",
        "start": 0,
        "text": "粤办函〔2022〕24号",
        "matches": [{"start": 0, "end": 12}],
    }
    listed = client.get("/v1/plans", params={"document_number": number}).json()
    assert [plan["id"] for plan in listed["data"]] == [PLAN]


@pytest.mark.parametrize("number", ["粤办函〔2022〕25号", "粤办函2022", PLAN, "〔〕"])
def test_an_unknown_document_number_is_422_with_near_ones_as_they_are_written(
    client: TestClient, number: str
) -> None:
    answer = client.get("/v1/plans", params={"document_number": number})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["name"] == "document_number"
    if number.startswith("粤"):
        assert error["allowed"] == ["粤办函〔2022〕24号"]


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)  # the next asks both
def test_each_task_is_found_first_by_its_id_citation_and_label(client: TestClient) -> None:
    tasks = client.get("/v1/tasks?limit=1000").json()["data"]
    for task in tasks[::3] + [task for task in tasks if task["code"] == "17.2"]:
        asked = [("id", task["id"]), ("citation", task["citation"]), ("label", task["label"])]
        if "." in task["code"]:
            asked.append(("code", task["code"]))
            asked.append(("label", task["label"].replace("（", "(").replace("）", ") ")))
        for field, q in asked:
            best = hits(client, q)[0]
            assert (best["kind"], best["id"], best["score"]) == ("task", task["id"], 1), q
            assert best["snippet"]["field"] == field
            (match,) = best["snippet"]["matches"]
            text = best["snippet"]["text"][match["start"] : match["end"]]
            assert folded(text) == folded(task[field])
            assert task[field][best["snippet"]["start"] :].startswith(best["snippet"]["text"])
            listed = client.get("/v1/tasks", params={"q": q, "sort": "relevance"}).json()
            assert listed["data"][0]["id"] == task["id"]
            assert task["id"] in [
                row["id"] for row in client.get("/v1/tasks", params={"q": q}).json()["data"]
            ]


@pytest.mark.parametrize(
    ("kind", "q"),
    [
        ("plan", PLAN),
        ("section", f"{PLAN}-s4"),
        ("target", f"{PLAN}-t17.2-k1"),
        ("agency", "gd-public-security"),
        ("platform", "yue-zheng-yi"),
        ("task", "ＧＤ－ＤＧ－２０２２－Ｔ１７．２".replace("ＧＤ", "gd")),
    ],
)
def test_an_id_of_any_kind_is_found(client: TestClient, kind: str, q: str) -> None:
    assert [(hit["kind"], hit["id"]) for hit in hits(client, q)] == [(kind, folded(q))]
    assert hits(client, q, kind="section", plan=PLAN) == (
        hits(client, q) if kind == "section" else []
    )


@pytest.mark.parametrize("q", ["17", "十七", "2"])
def test_a_bare_number_is_only_a_number(client: TestClient, q: str) -> None:
    for hit in hits(client, q, kind="task"):
        assert hit["snippet"]["field"] in ("title", "body")
        assert hit["snippet"]["matches"]


def test_a_walk_by_relevance_gives_references_first_and_each_hit_once(client: TestClient) -> None:
    whole = [hit["id"] for hit in hits(client, "（一）")]
    assert whole[0] == f"{PLAN}-t1"
    assert len(whole) > 10
    for path, sort in (("/v1/search", ""), ("/v1/tasks", "relevance"), ("/v1/tasks", "-relevance")):
        walked: list[str] = []
        cursor = ""
        while True:
            params = {"q": "（一）", "limit": "3", **({"sort": sort} if sort else {})}
            page = client.get(
                path, params={**params, **({"cursor": cursor} if cursor else {})}
            ).json()
            walked += [row["id"] for row in page["data"]]
            cursor = page["page"]["next"]
            if cursor is None:
                break
        assert len(walked) == len(set(walked)) == page["page"]["total"]
        if path == "/v1/search":
            assert walked == whole
        else:
            assert walked[-1 if sort == "-relevance" else 0] == f"{PLAN}-t1"


def test_a_search_by_reference_costs_a_fixed_number_of_statements(
    uncached: TestClient, statements: list[str]
) -> None:
    for path, most in ((f"/v1/search?q={PLAN}-t1", 4), (f"/v1/tasks?q={PLAN}-t1", 2)):
        statements.clear()
        assert uncached.get(path).status_code == 200
        assert sum("SELECT" in s and "FROM revision" not in s for s in statements) <= most


@pytest.mark.parametrize(
    "name",
    [
        "省⺠政厅",
        "省\u200b民政厅",
        "省民\u00ad政厅",
        "省民政厅\ufe0f",
        "\ufeff省民政厅",
        "\u202a省民政厅\u202c",
        "省 民 政 厅",
        "“省民政厅”",
        "《省民政厅》",
        "省民政廳",
        "广东省、民政厅",
        "gd-civil-affairs",
        "gd-civil\u200b-affairs",
        "ｇｄ－civil-affairs",
    ],
)
def test_a_name_is_found_as_it_was_pasted(client: TestClient, name: str) -> None:
    for path, parameter in (("/v1/tasks", "agency"), ("/v1/agencies", "name")):
        answer = client.get(path, params={parameter: name})
        right = client.get(path, params={parameter: "省民政厅"})
        assert answer.status_code == 200, answer.text
        assert right.json()["data"]
        assert answer.json()["data"] == right.json()["data"]


@pytest.mark.parametrize(
    ("parameter", "name", "plain"),
    [
        ("platform", "「粤省事」", "粤省事"),
        ("platform", "粤\u2060省事", "粤省事"),
        ("place", "深\u200d圳 市", "深圳市"),
        ("place", "４４０３００", "440300"),
        ("plan", "gd-dg-2022\u200b", PLAN),
        ("section", "gd\u00ad-dg-2022-s3", f"{PLAN}-s3"),
    ],
)
def test_other_names_and_ids_are_found_as_they_were_pasted(
    client: TestClient, parameter: str, name: str, plain: str
) -> None:
    answer = client.get("/v1/tasks", params={parameter: name})
    assert answer.status_code == 200, answer.text
    assert (
        answer.json()["data"] == client.get("/v1/tasks", params={parameter: plain}).json()["data"]
    )


@pytest.mark.parametrize(
    "name", ["省⺠政厅厅", "省\u200b公安\u200b", "粤\u00ad办", "gd-civil-affair\u200b"]
)
def test_suggestions_never_look_the_same_as_what_was_typed(client: TestClient, name: str) -> None:
    answer = client.get("/v1/tasks", params={"agency": name})
    assert answer.status_code == 422
    for error in answer.json()["errors"]:
        assert folded(name) not in map(folded, error["allowed"] or ())
