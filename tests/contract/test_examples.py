"""Every example of the contract is what the service answers now."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.http.problems import HeadTooLargeError, every_kind
from app.main import create_app
from app.settings import Settings
from seed.notice_files import ReadNotice
from seed.registry import Registry
from tests.contract.answers import (
    answered,
    authorized,
    practised,
    read_examples,
    refused,
    without_chance,
)
from tests.support.contract import LISTS, operations, resolved, success
from tests.support.databases import Databases
from tests.support.years import fill_with_examples

EXAMPLES = read_examples()
LISTED = {f"/v1/{name}" for name in LISTS} | {
    "/v1/search",
    "/v1/changes",
}  # with what a notice says
ANSWERS = [
    pytest.param(media_type, example, id=f"{operation} {media_type}")
    for operation, by_media_type in EXAMPLES["operations"].items()
    for media_type, example in by_media_type.items()
    if not {"practised", "body"} & example.keys()
]
AFTER_WRITING = {
    operation: by_media_type
    for operation, by_media_type in EXAMPLES["operations"].items()
    if any({"practised", "body"} & example.keys() for example in by_media_type.values())
}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return create_app(Settings(database_url="sqlite://")).openapi()


@pytest.fixture(scope="module")
def practice(databases: Databases) -> Iterator[tuple[TestClient, dict[str, str]]]:
    """The service after all that the examples write, and what it answered to them."""
    with databases.loaded() as url:
        app, done = practised(url, EXAMPLES)
        with TestClient(app) as client:
            yield client, done


@pytest.fixture(scope="module")
def years(on_sqlite: Databases) -> Iterator[TestClient]:
    """The service with two years of a plan, for what one plan cannot show."""
    with (
        on_sqlite.copy_of("examples", fill_with_examples) as url,
        TestClient(create_app(Settings(database_url=url, webhook_delivery=False))) as client,
    ):
        yield client


@pytest.mark.parametrize(("media_type", "example"), ANSWERS)
def test_an_answer_of_the_contract_is_the_answer_of_the_service(
    client: TestClient, years: TestClient, media_type: str, example: dict[str, Any]
) -> None:
    now = answered(years if "years" in example else client, media_type, example, {})
    if "external" not in example:
        assert now == example["response"], "run `make openapi` and review the difference"


def test_what_the_examples_write_and_read_after_it_is_what_the_service_answers(
    practice: tuple[TestClient, dict[str, str]],
) -> None:
    client, done = practice
    assert AFTER_WRITING
    for operation, by_media_type in AFTER_WRITING.items():
        for media_type, example in by_media_type.items():
            if operation in done:
                now = json.loads(done[operation])
            else:
                now = answered(client, media_type, example, done)
            if "external" not in example:
                assert now == example["response"], f"{operation}: run `make openapi`"


@pytest.mark.parametrize("slug", list(EXAMPLES["problems"]))
def test_a_problem_of_the_contract_is_the_problem_of_the_service(
    on_sqlite: Databases, registry: Registry, notice: ReadNotice, slug: str
) -> None:
    example = EXAMPLES["problems"][slug]
    with on_sqlite.loaded() as url:
        now = refused(url, registry, notice, slug, example)
    assert now["type"] == f"/problems/{slug}"
    assert without_chance(now) == without_chance(example["response"])


def test_every_representation_has_an_example(document: dict[str, Any]) -> None:
    for path, operation in operations(document):
        requests = EXAMPLES["operations"][operation["operationId"]]
        for media_type, content in success(operation)["content"].items():
            shown = "external" not in requests[media_type]
            assert bool(content.get("examples")) is shown, (path, media_type)


def test_every_example_of_a_parameter_finds_something(
    client: TestClient, document: dict[str, Any]
) -> None:
    seen = 0
    for path, operation in operations(document):
        parameters = [resolved(document, given) for given in operation.get("parameters", ())]
        needed = {p["name"]: p["example"] for p in parameters if p["required"] and "{" not in path}
        for parameter in parameters:
            if parameter["in"] == "query" and "example" in parameter and path in LISTED:
                query = {**needed, parameter["name"]: parameter["example"]}
                page = client.get(path, params=query)
                assert page.status_code == 200, (path, query)
                assert page.json()["data"], (path, query)
                seen += 1
    assert seen > 10


def values(document: dict[str, Any], schema: Any, instance: Any, found: set[str]) -> None:
    """All values of fields with examples in an answer, each as `Schema.field=value`."""
    name = schema.get("$ref", "").rpartition("/")[2]
    schema = resolved(document, schema)
    for kind in schema.get("anyOf", ()):
        values(document, kind, instance, found)
    if isinstance(instance, list) and "items" in schema:
        for one in instance:
            values(document, schema["items"], one, found)
    elif isinstance(instance, dict):
        for field, about in schema.get("properties", {}).items():
            if field in instance:
                if "examples" in about:
                    found.add(f"{name}.{field}={json.dumps(instance[field], ensure_ascii=False)}")
                values(document, about, instance[field], found)


def test_every_example_of_a_field_is_in_a_real_answer(
    client: TestClient,
    years: TestClient,
    document: dict[str, Any],
    practice: tuple[TestClient, dict[str, str]],
) -> None:
    found: set[str] = set()
    for path, operation in operations(document):
        content = success(operation)["content"].get("application/json")
        if content is None:
            continue  # calendars and feeds have no fields of ours
        example = EXAMPLES["operations"][operation["operationId"]]["application/json"]
        if "body" in example:
            request = operation["requestBody"]["content"]["application/json"]["schema"]
            values(document, request, example["body"], found)
            values(document, content["schema"], example["response"], found)
            continue
        client, keys = practice if "practised" in example else (client, {})
        asking = years if "years" in example else client
        shown = example["request"]
        whole = [] if "{" in path or path == "/v1/search" else [path, f"{path}?limit=1000"]
        for request in [shown, *whole]:
            answer = asking.get(request, headers=authorized(example, keys))
            values(document, content["schema"], answer.json(), found)
    for kind in every_kind():
        if kind is HeadTooLargeError:
            continue  # refused before any operation
        schema = {"$ref": f"#/components/schemas/{kind.problem.__name__}"}
        values(document, schema, EXAMPLES["problems"][kind.slug]["response"], found)
    missing = [
        claim
        for name, schema in document["components"]["schemas"].items()
        for field, about in schema.get("properties", {}).items()
        for one in about.get("examples", ())
        if (claim := f"{name}.{field}={json.dumps(one, ensure_ascii=False)}") not in found
    ]
    assert not missing, "\n".join(missing)
