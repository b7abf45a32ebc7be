"""What will go is announced on every answer of it, and in the contract, from one table."""

from collections.abc import Iterator
from datetime import date

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.openapi.deprecations import DEPRECATIONS, Deprecation, Deprecations, Part
from app.settings import Settings

SOON = Deprecation(date(2026, 1, 1), date(2027, 1, 1), "/docs#leaf")
TABLE: Deprecations = {Part("getTask"): SOON, Part("listTasks", "leaf"): SOON}
ANNOUNCED = ("@1767225600", "Fri, 01 Jan 2027 00:00:00 GMT")


@pytest.fixture(scope="module")
def announcing(database_url: str) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(database_url=database_url), TABLE)) as client:
        yield client


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "path", ["/v1/tasks/gd-dg-2022-t1", "/v1/tasks/none", "/v1/tasks?leaf=true", "/v1/tasks?leaf=x"]
)
def test_every_answer_announces_it_also_when_it_was_kept(
    announcing: TestClient, method: str, path: str
) -> None:
    for _ in range(2):
        answer = announcing.request(method, path)
        assert (answer.headers["deprecation"], answer.headers["sunset"]) == ANNOUNCED
        assert '</docs#leaf>; rel="deprecation"' in answer.headers["link"]


def test_a_304_announces_it_too(announcing: TestClient) -> None:
    path = "/v1/tasks/gd-dg-2022-t1"
    etag = announcing.get(path).headers["etag"]
    answer = announcing.get(path, headers={"If-None-Match": etag})
    assert answer.status_code == 304
    assert answer.headers["deprecation"] == ANNOUNCED[0]


@pytest.mark.parametrize(
    "path",
    ["/v1/tasks", "/v1/tasks?q=leaf", "/v1/targets/gd-dg-2022-t17.2-k3", "/v1/tasks/a/b"],
)
def test_what_stays_announces_nothing(announcing: TestClient, path: str) -> None:
    assert not {"deprecation", "sunset"} & set(announcing.get(path).headers)


def test_the_contract_says_it(announcing: TestClient) -> None:
    document = announcing.get("/openapi.json").json()
    task = document["paths"]["/v1/tasks/{task_id}"]["get"]
    assert (task["deprecated"], task["x-sunset"]) == (True, "2027-01-01")
    assert {"Deprecation", "Sunset"} <= set(task["responses"]["200"]["headers"])
    tasks = document["paths"]["/v1/tasks"]["get"]
    leaf = next(p for p in tasks["parameters"] if p.get("name") == "leaf")
    assert leaf["deprecated"]
    assert "deprecated" not in tasks
    facets = document["paths"]["/v1/facets/tasks/{field}"]["get"]
    assert "deprecated" not in str(facets["parameters"])


@pytest.mark.parametrize(
    ("part", "wrong"),
    [
        (Part("listTask"), "not in the contract"),
        (Part("listTasks", "leave"), "not in the contract"),
    ],
)
def test_a_table_of_what_is_not_there_is_refused_at_the_start(part: Part, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        create_app(Settings(database_url="sqlite://"), {part: SOON})


def test_an_end_before_the_beginning_is_refused_at_the_start() -> None:
    turned = {Part("getTask"): Deprecation(SOON.sunset, SOON.since, SOON.more)}
    with pytest.raises(ValueError, match="not after its deprecation"):
        create_app(Settings(database_url="sqlite://"), turned)


def test_nothing_is_deprecated_now(client: TestClient) -> None:
    assert not DEPRECATIONS
    assert "deprecation" not in client.get("/v1/tasks/gd-dg-2022-t1").headers
