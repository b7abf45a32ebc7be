"""Two documents, or two versions of one, side by side."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.kinds import KINDS
from app.resources.compare.routes import MOST_COMPARING
from tests.support.practice import TASK, Service, practising

FIRST, SECOND = "gd-dg-2022-t17.1", "gd-dg-2022-t17.2"


@pytest.fixture(scope="module")
def service(databases: Any) -> Iterator[Service]:
    """With three versions of a task, and every kind of fact."""
    with databases.loaded() as url, practising(url) as alive:
        alive.one_of_each()
        alive.report(as_of="2022-07-31", status="delayed")
        yield alive


def compare(client: TestClient, a: str, b: str) -> Any:
    answer = client.get("/v1/compare", params={"a": a, "b": b}, follow_redirects=False)
    return answer.json() if answer.content else answer


def test_two_tasks_differ_in_members_and_their_texts_word_by_word(client: TestClient) -> None:
    found = compare(client, FIRST, SECOND)
    assert (found["resource"], found["resource_label"]) == ("task", "任务")
    documents = [client.get(f"/v1/tasks/{id_}").json() for id_ in (FIRST, SECOND)]
    for side, document in zip("ab", documents, strict=True):
        assert found[side] == {name: document[name] for name in ("id", "version", "title")}
    differing = {one["name"]: one for one in found["differences"]}
    assert {"code", "title", "body", "span.start"} <= differing.keys()
    assert not {"id", "version", "plan", "section.id", "progress.status"} & differing.keys()
    for name in ("title", "body"):
        one = differing[name]
        assert [one["a"], one["b"]] == [document[name] for document in documents]
        for side in "ab":
            ranges = [(part[side]["start"], part[side]["end"]) for part in one["diff"]]
            assert "".join(one[side][start:end] for start, end in ranges) == one[side]
        assert {part["op"] for part in one["diff"]} == {"equal", "deleted", "inserted"}
    assert differing["span.start"]["a"] == str(documents[0]["span"]["start"])
    assert differing["span.start"]["diff"] == []


def test_a_document_is_compared_with_itself_as_it_was(service: Service) -> None:
    found = compare(service.client, f"{TASK}@1", TASK)
    assert (found["a"]["version"], found["b"]["version"]) == (1, service.json(
        f"/v1/tasks/{TASK}")["version"])  # fmt: skip
    by_name = {one["name"]: one for one in found["differences"]}
    progress = by_name["progress.status"]
    assert (progress["a"], progress["b"]) == ("not_reported", "delayed")
    assert by_name["progress.reported_on"]["a"] is None
    assert compare(service.client, f"{TASK}@2", f"{TASK}@2")["differences"] == []


def test_every_kind_of_document_can_be_compared_with_its_first_version(service: Service) -> None:
    changes = service.json("/v1/changes?limit=1000")["data"]
    ids = {one["resource"]: one["id"] for one in changes}
    assert ids.keys() == {kind.name for kind in KINDS}
    for resource, id_ in ids.items():
        found = compare(service.client, f"{id_}@1", id_)
        assert found["resource"] == resource
        assert found["a"]["id"] == found["b"]["id"] == id_


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (SECOND, FIRST),
        (f"{TASK}@10", f"{TASK}@9"),
        (TASK, f"{TASK}@1"),
        (SECOND, f"{FIRST}@3"),
    ],
)
def test_the_other_order_redirects_to_the_one(client: TestClient, a: str, b: str) -> None:
    for more in ("", "&lang=zh-Hant"):
        answer = client.get(f"/v1/compare?a={a}&b={b}{more}", follow_redirects=False)
        assert answer.status_code == 308
        there = answer.headers["Location"]
        assert there.startswith("/v1/compare?")
        assert set(there.partition("?")[2].split("&")) == {f"a={b}", f"b={a}", *more[1:].split()}
        assert client.get(there, follow_redirects=False).status_code in (200, 404)


@pytest.mark.parametrize("unknown", ["a-t1", "gd-dg-2022-t99", "x<script>", "zz@1"])
def test_an_unknown_id_is_refused_in_either_order_and_repeated_in_no_header(
    client: TestClient, unknown: str
) -> None:
    for a, b in ((unknown, FIRST), (FIRST, unknown)):
        answer = client.get("/v1/compare", params={"a": a, "b": b}, follow_redirects=False)
        assert answer.status_code == 422
        assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("a", "b", "status", "name"),
    [
        (FIRST, "gd-dg-2022-t99", 422, "b"),
        ("gd-dg-2022-t", FIRST, 422, "a"),
        ("gd-dg-2022-t17.1@0", FIRST, 422, "a"),
        ("gd-dg-2022-t17.1@x", FIRST, 422, "a"),
        ("gd-dg-2022-t17.1@1@1", FIRST, 422, "a"),
        ("@1", FIRST, 422, "a"),
        ("Ａ", "Ｂ", 422, "a"),
        ("gd-dg-2022", FIRST, 422, "b"),
        (f"{FIRST}@99", FIRST, 404, None),
        (f"{FIRST}@999999999", FIRST, 404, None),
    ],
)
def test_what_cannot_be_compared_is_named(
    client: TestClient, a: str, b: str, status: int, name: str | None
) -> None:
    problem = compare(client, a, b)
    assert problem["status"] == status
    assert [error["name"] for error in problem["errors"]] == ([name] if name else [])


def test_no_more_are_compared_at_once_than_others_can_bear(client: TestClient) -> None:
    comparing = client.app.state.comparing  # type: ignore[attr-defined]
    for _ in range(MOST_COMPARING):
        assert client.portal
        client.portal.call(comparing.acquire)
    try:
        answer = client.get(f"/v1/compare?a={FIRST}&b={SECOND}&lang=zh-Hant")
    finally:
        for _ in range(MOST_COMPARING):
            comparing.release()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert client.get(f"/v1/compare?a={FIRST}&b={SECOND}&lang=zh-Hant").status_code == 200
