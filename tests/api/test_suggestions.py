"""A wrong name leads to the right one: by what other APIs call it, by its letters, by its parts."""

import pytest
from starlette.testclient import TestClient

from app.http.suggestions import ELSEWHERE, LONGEST_COMPARED, MOST_COMPARED, near_names


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("tasks?page=2", "cursor"),
        ("tasks?offset=100", "cursor"),
        ("tasks?per_page=10", "limit"),
        ("tasks?perpage=10", "limit"),
        ("tasks?$top=10", "limit"),
        ("tasks?agencyid=gd-energy", "agency"),
        ("tasks?page_size=10", "limit"),
        ("tasks?perPage=10", "limit"),
        ("tasks?size=10", "limit"),
        ("tasks?count=10", "limit"),
        ("tasks?search=数据", "q"),
        ("tasks?query=数据", "q"),
        ("tasks?keyword=数据", "q"),
        ("tasks?order=title", "sort"),
        ("tasks?order_by=title", "sort"),
        ("tasks?orderBy=title", "sort"),
        ("tasks?sort_by=title", "sort"),
        ("tasks?department=公安厅", "agency"),
        ("tasks?city=深圳", "place"),
        ("tasks?since=2022-01-01T00:00:00Z", "changed_since"),
        ("tasks?Agency=公安厅", "agency"),
        ("tasks?agency[]=公安厅", "agency"),
        ("tasks?has-targets=true", "has_targets"),
        ("tasks?agnecy=公安厅", "agency"),
        ("targets?deadline=2022-12-31", "due_to"),
        ("targets?dueFrom=2022-12-31", "due_from"),
        ("agencies?search=公安", "name"),
        ("changes?offset=3", "after"),
        ("search?q=x&page=2", "cursor"),
        ("plans/gd-dg-2022/text?type=text", "format"),
        ("monitoring?plan=gd-dg-2022&date=2022-12-31", "as_of"),
    ],
)
def test_a_name_of_other_apis_leads_to_ours(client: TestClient, query: str, meant: str) -> None:
    answer = client.get(f"/v1/{query}", headers={"Accept-Language": "en"})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["allowed"][0] == meant
    assert f"Did you mean {meant}" in error["message"]


def test_what_an_operation_does_not_have_is_not_suggested(client: TestClient) -> None:
    (error,) = client.get("/v1/tasks/gd-dg-2022-t1?page=2").json()["errors"]
    assert error["allowed"] == ["lang"]


def test_every_parameter_that_other_names_lead_to_exists(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    names = {p["name"] for p in document["components"]["parameters"].values()}
    for operations in document["paths"].values():
        for operation in operations.values():
            names |= {p["name"] for p in operation["parameters"] if "name" in p}
    assert ELSEWHERE.keys() <= names


@pytest.mark.parametrize(
    ("query", "allowed"),
    [
        ("agency=省公安厅,省民政厅", ["省公安厅", "省民政厅"]),
        ("agency=公安厅、民政厅", ["公安厅", "民政厅"]),
        ("agency=公安厅，民政厅", ["公安厅", "民政厅"]),
        ("platform=粤省事,粤商通", ["粤省事", "粤商通"]),
        ("section=gd-dg-2022-s2,gd-dg-2022-s3", ["gd-dg-2022-s2", "gd-dg-2022-s3"]),
        ("role=lead,support", ["lead", "support"]),
    ],
)
def test_values_with_commas_are_told_to_repeat_the_parameter(
    client: TestClient, query: str, allowed: list[str]
) -> None:
    name = query.partition("=")[0]
    for language, words in (("en", "repeat the parameter"), ("zh", "请重复此参数")):
        answer = client.get(f"/v1/tasks?{query}", headers={"Accept-Language": language})
        (error,) = answer.json()["errors"]
        assert (
            f"{words}: {name}=…&{name}=…".replace(": ", ": " if language == "en" else "：")
            in error["message"]
        )
        assert set(allowed) <= set(error["allowed"])


def test_a_wrong_value_without_commas_is_not_told_to_repeat(client: TestClient) -> None:
    for query in ("agency=公安局", "role=boss", "limit=1,2"):
        (error,) = client.get(f"/v1/tasks?{query}").json()["errors"]
        assert "…" not in error["message"]


def test_only_the_first_mistakes_are_suggested_for_and_all_are_named(client: TestClient) -> None:
    query = "&".join(f"agency=公安局{n}" for n in range(30))
    errors = client.get(f"/v1/tasks?{query}").json()["errors"]
    assert len(errors) == 20
    assert [bool(error["allowed"]) for error in errors] == [True] * 3 + [False] * 17
    assert "/v1/agencies" in errors[-1]["message"]


def test_errors_come_in_the_order_in_which_filters_are_declared(client: TestClient) -> None:
    declared = ["plan", "section", "parent", "agency", "platform", "place"]
    query = dict.fromkeys(reversed(declared), "nothing")
    errors = client.get("/v1/tasks", params=query).json()["errors"]
    assert [error["name"] for error in errors] == declared


def test_the_same_mistake_again_is_told_once(client: TestClient) -> None:
    query = "&".join(["agency=公安局", "plan=gd-dg-2021"] * 100)
    errors = client.get(f"/v1/tasks?{query}").json()["errors"]
    assert [error["name"] for error in errors] == ["plan", "agency"]


def test_the_nearest_of_a_million_letters_is_found() -> None:
    """Of names that share most, whatever stands around them."""
    others = [f"省{chr(0x4E00 + n)}{chr(0x5E00 + n)}厅" for n in range(2000)]
    assert near_names("省财政局", [*others, "省财政厅"])[0] == "省财政厅"
    assert near_names("", ["a"]) == []
    assert near_names("x" * 10_000, ["x" * LONGEST_COMPARED, "y"]) == ["x" * LONGEST_COMPARED]
    assert MOST_COMPARED < 50
