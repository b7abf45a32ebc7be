"""The contract is what the code gives, and what the code gives is the contract."""

import json
import re
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

from app.http.problems import every_kind
from app.kinds import KINDS
from app.main import create_app
from app.openapi.document import as_yaml
from app.settings import Settings
from tests.support import ROOT
from tests.support.contract import LISTS, operations, resolved


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return create_app(Settings(database_url="sqlite://")).openapi()


def closed(schema: Any) -> Any:
    """The schema with unknown members refused and `$ref`s kept."""
    if isinstance(schema, dict):
        if schema.get("type") == "object" and "properties" in schema:
            schema = {**schema, "additionalProperties": False}
        return {key: closed(value) for key, value in schema.items()}
    return [closed(value) for value in schema] if isinstance(schema, list) else schema


def validate(document: dict[str, Any], name: str, instance: Any) -> None:
    schema = {
        "$ref": f"#/components/schemas/{name}",
        "components": closed(document["components"]),
    }
    errors = list(Draft202012Validator(schema).iter_errors(instance))
    assert not errors, errors[:3]


def lists_of_types(node: Any) -> list[list[str]]:
    """All `type`s that are lists, wherever they are."""
    if isinstance(node, list):
        return [found for value in node for found in lists_of_types(value)]
    if not isinstance(node, dict):
        return []
    own = [node["type"]] if isinstance(node.get("type"), list) else []
    return own + [found for value in node.values() for found in lists_of_types(value)]


def test_no_array_may_be_null_by_a_list_of_types(document: dict[str, Any]) -> None:
    """openapi-typescript-codegen makes `any[]` of such a one; `anyOf` is read by all."""
    found = lists_of_types(document)
    assert found
    assert not [types for types in found if "array" in types]


def test_openapi_yaml_is_what_the_code_gives(document: dict[str, Any]) -> None:
    committed = (ROOT / "openapi.yaml").read_text("utf-8")
    assert committed == as_yaml(document), "run `make openapi` and review the difference"


def test_both_forms_are_served_and_are_the_same(client: TestClient) -> None:
    as_json = client.get("/openapi.json").json()
    assert as_json == yaml.load(client.get("/openapi.yaml").text, yaml.CSafeLoader)


@pytest.mark.parametrize("name", LISTS)
def test_every_document_is_exactly_its_schema(
    client: TestClient, document: dict[str, Any], name: str
) -> None:
    page = client.get(f"/v1/{name}?limit=1000").json()
    listed = document["paths"][f"/v1/{name}"]["get"]["responses"]["200"]["content"]
    reference = listed["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
    validate(document, reference, page)
    assert page["data"]


def test_the_other_answers_are_their_schemas(client: TestClient, document: dict[str, Any]) -> None:
    validate(document, "Service", client.get("/v1").json())
    validate(document, "PlanText", client.get("/v1/plans/gd-dg-2022/text").json())
    for resource, model in (("tasks", "TaskFacets"), ("targets", "TargetFacets")):
        fields = document["components"]["schemas"][f"{model[:-1]}Field"]["enum"]
        for field in fields:
            validate(document, model, client.get(f"/v1/facets/{resource}/{field}").json())
    validate(document, "Problem", client.get("/v1/tasks?limit=0").json())


def test_every_field_of_an_answer_is_required(document: dict[str, Any]) -> None:
    taken = {name for name in document["components"]["schemas"] if name.endswith("Submission")}
    assert 0 < len(taken) < len(document["components"]["schemas"]) / 2
    for name, schema in document["components"]["schemas"].items():
        if name not in taken:
            assert set(schema.get("properties", {})) == set(schema.get("required", [])), name


def test_no_schema_is_called_as_a_constructor_in_go_is(document: dict[str, Any]) -> None:
    assert [name for name in document["components"]["schemas"] if name.startswith("New")] == []


def test_operations_are_described_for_generators(document: dict[str, Any]) -> None:
    seen = set()
    for path, operation in operations(document):
        assert re.fullmatch(r"[a-z][A-Za-z]+", operation["operationId"])
        assert operation["operationId"] not in seen
        seen.add(operation["operationId"])
        assert len(operation["tags"]) == 1
        assert operation["summary"]
        assert operation["description"]
        for parameter in operation.get("parameters", ()):
            parameter = resolved(document, parameter)
            assert parameter["description"], (path, parameter["name"])
            assert "anyOf" not in parameter["schema"], (path, parameter["name"])
        for status, response in operation["responses"].items():
            response = resolved(document, response)
            assert response["description"]
            if int(status) >= 400:
                assert list(response["content"]) == ["application/problem+json"]
    assert len(seen) == 89


def test_every_kind_of_problem_is_in_the_contract(document: dict[str, Any]) -> None:
    text = json.dumps(document)
    assert len(every_kind()) > 10
    for kind in every_kind():
        if kind.slug not in ("method-not-allowed", "head-too-large"):  # of no operation
            assert f"/problems/{kind.slug}" in text, kind.slug


def test_nothing_is_left_of_the_framework(document: dict[str, Any]) -> None:
    text = as_yaml(document)
    for noise in (
        "HTTPValidationError",
        "Successful Response",
        "-Input",
        "-Output",
        "Validation Error",
    ):
        assert noise not in text
    for name, schema in document["components"]["schemas"].items():
        assert "title" not in schema, name


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_pages_ask_no_other_host(client: TestClient, path: str) -> None:
    answer = client.get(path)
    page = answer.text
    assert "default-src 'self';" in answer.headers["content-security-policy"]
    assert 'lang="zh-Hans"' in page
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", page)
    assets = re.findall(r"(?:src|href)=\"([^\"]+)\"", page)
    assert assets
    for asset in assets:
        assert client.get(asset).status_code == 200, asset


def test_the_reading_view_fetches_no_picture_from_its_maker(client: TestClient) -> None:
    script = client.get("/docs/assets/redoc.standalone.js")
    assert len(script.content) > 100_000
    assert b"cdn.redoc.ly" not in script.content


@pytest.mark.parametrize("path", ["/openapi.json", "/openapi.yaml"])
def test_the_contract_is_sent_once_to_those_who_keep_it(client: TestClient, path: str) -> None:
    first = client.get(path)
    assert first.headers["cache-control"].startswith("public")
    again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_every_enum_names_its_constants_and_says_what_values_mean(
    document: dict[str, Any],
) -> None:
    ours = {"ListFormat", "DownloadFormat", "TextFormat"}
    enums = {n: s for n, s in document["components"]["schemas"].items() if "enum" in s}
    assert len(enums) > 20
    for name, schema in enums.items():
        assert len(schema["x-enum-varnames"]) == len(schema["enum"]), name
        if not name.endswith(("Sort", "FacetField")) and name not in ours:
            assert len(schema["x-enum-descriptions"]) == len(schema["enum"]), name
            assert all(re.search("[\u4e00-\u9fff]", d) for d in schema["x-enum-descriptions"])


def test_every_member_of_a_closed_set_has_its_label_beside_it(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    seen = 0
    for name, schema in schemas.items():
        if name.endswith("Submission"):
            continue  # what is sent in has none
        for member, about in schema.get("properties", {}).items():
            kinds = [kind for kind in about.get("anyOf", [about]) if kind != {"type": "null"}]
            if "enum" not in resolved(document, kinds[0]):
                continue
            seen += 1
            label = schema["properties"].get(f"{member}_label")
            assert label, (name, member)
            is_nullable = "null" in label["type"]
            assert is_nullable == (len(kinds) < len(about.get("anyOf", [about]))), (name, member)
    assert seen > 25


def test_every_resource_says_its_version_and_when_it_changed(document: dict[str, Any]) -> None:
    for kind in KINDS:
        members = document["components"]["schemas"][kind.model.__name__]["required"]
        assert {"version", "changed_at"} <= set(members), kind.name


def test_numbers_of_parameters_have_their_bounds(document: dict[str, Any]) -> None:
    seen = 0
    for path, operation in operations(document):
        for given in operation.get("parameters", ()):
            schema = resolved(document, given)["schema"]
            schema = schema.get("items", schema)
            if schema.get("type") == "integer":
                seen += 1
                assert {"minimum", "maximum"} <= set(schema), (path, given)
    assert seen > 5
