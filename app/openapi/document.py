"""The contract of the service, generated from the code: OpenAPI 3.1, for code generators.

FastAPI's document without the parts that cause problems in generators: titles, `anyOf` null on
parameters, its own 422.  `python -m app openapi` writes `openapi.yaml`; a test compares it.
"""

import json
from pathlib import Path
from typing import Any

import yaml
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.http.media_types import JSON_TYPE, SUFFIXES
from app.http.problem_schemas import Problem
from app.http.problems import (
    PROBLEMS_KEY,
    AmbiguousNameError,
    ApiError,
    ForbiddenError,
    HeadTooLargeError,
    InternalError,
    InvalidParametersError,
    MalformedRequestError,
    NotAcceptableError,
    TooLargeError,
    TooManyRequestsError,
    UnauthorizedError,
    UnavailableError,
    UnsupportedMediaTypeError,
    every_kind,
)
from app.http.quotas import RateLimitedError
from app.openapi.schemas import (
    drop_titles,
    join_null,
    leave_references_alone,
    name_values,
    size_numbers,
    without_null,
)
from app.openapi.texts import (
    DESCRIPTION,
    HEADERS,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    IF_NONE_MATCH,
    KEY_LABELS,
    TAGS,
)
from app.writing.permissions import PERMISSIONS

# Problems that any operation may return.
ALWAYS = (
    MalformedRequestError,
    NotAcceptableError,
    InvalidParametersError,
    RateLimitedError,
    InternalError,
    UnavailableError,
)
# Additional problems of operations that need a key, and of those that have a body.
ALWAYS_WITH_KEY = (UnauthorizedError, ForbiddenError, TooManyRequestsError)
ALWAYS_WITH_BODY = (TooLargeError, UnsupportedMediaTypeError)
# Parameters whose names may be ambiguous.
TAKING_NAMES = {"agency", "jurisdiction", "place", "platform", "within"}
PROBLEM_TYPE = "application/problem+json"
SHARED_BY = 3  # operations; a parameter of at least this many becomes a component
VALIDATORS = ("ETag", "Last-Modified", "Cache-Control", "Vary", "X-Request-ID")
PROBLEM_HEADERS = ("Content-Language", "Cache-Control", "Vary", "X-Request-ID")
EXAMPLES = json.loads((Path(__file__).parent / "examples.json").read_text("utf-8"))


def openapi_document(app: FastAPI) -> dict[str, Any]:
    """The whole contract; where it is served, the address of the server is the one it is asked at."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        summary="Government work plans as a public, citable, queryable service",
        description=DESCRIPTION,
        routes=app.routes,
        tags=TAGS,
        servers=[{"url": "/"}],
        license_info={"name": "MIT", "identifier": "MIT"},
        contact={"name": "Work Plan API"},
    )
    components = document["components"]
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    for shape in {kind.problem for kind in every_kind()}:
        problem = shape.model_json_schema(ref_template="#/components/schemas/{model}")
        for name in Problem.model_fields if shape is not Problem else ():
            problem["properties"][name].pop("examples", None)  # examples of other kinds of problem
        components["schemas"] |= problem.pop("$defs") | {shape.__name__: problem}
    components["headers"] = {name: _header(*about) for name, about in HEADERS.items()}
    components["examples"] = {
        _pascal(kind.slug): _problem_example(kind)
        for kind in every_kind()
        if kind is not HeadTooLargeError  # sent by the server, not by an operation
    }
    components["responses"] = {"NotModified": NOT_MODIFIED}
    components["securitySchemes"] = _security_schemes()
    operations = [one for path in document["paths"].values() for one in path.values()]
    for operation in operations:
        _complete(operation, components)
        operation["security"] = _security(operation)
        if "requestBody" in operation:
            _complete_write(operation, components)
        else:
            _complete_read(operation, components)
        operation["responses"] = dict(sorted(operation["responses"].items()))
    _share_parameters(operations, components)
    _drop_unused_examples(document)
    for name, schema in components["schemas"].items():
        name_values(name, schema)
        leave_references_alone(schema)
    size_numbers(document)
    for kind, parts in components.items():
        components[kind] = dict(sorted(parts.items()))
    drop_titles(document)
    join_null(components["schemas"])
    return document


def _header(description: str, always: bool) -> dict[str, Any]:
    return {"description": description, "required": always, "schema": {"type": "string"}}


def _refer(kind: str, *names: str) -> dict[str, Any]:
    """References to components of a kind, by name."""
    return {name: {"$ref": f"#/components/{kind}/{name}"} for name in names}


NOT_MODIFIED = {
    "description": "没有变化；沿用已有的副本。Not modified: your copy is current.",
    "headers": _refer("headers", *VALIDATORS),
}


def _pascal(slug: str) -> str:
    """Kebab case to Pascal case: `not-found` to `NotFound`."""
    return "".join(word.capitalize() for word in slug.split("-"))


def _problem_example(kind: type[ApiError]) -> dict[str, Any]:
    """A real problem of a kind, and the request that caused it."""
    example = EXAMPLES["problems"][kind.slug]
    about = f"{kind.meaning.zh} {kind.meaning.en}"
    return {"summary": example["request"], "description": about, "value": example["response"]}


def _security_schemes() -> dict[str, Any]:
    """A scheme for each role with permissions; all keys are sent as bearer tokens (RFC 6750)."""
    roles = {role for permission in PERMISSIONS.values() for role in permission.roles}
    return {
        role.value: {
            "type": "http",
            "scheme": "bearer",
            "description": KEY_LABELS[role],
        }
        for role in roles
    }


def _complete(operation: dict[str, Any], components: dict[str, Any]) -> None:
    """Complete the summary, description, parameters and problems of an operation."""
    summary, _, description = operation["description"].partition("。")
    first, *more = description.split("\n\n")
    operation["summary"] = f"{summary} · {first.strip().rstrip('.')}"
    operation["description"] = "\n\n".join([first.strip(), *more])
    for parameter in operation.setdefault("parameters", []):
        _complete_parameter(parameter, components["schemas"])
    responses = operation["responses"]
    responses.pop("422" if PROBLEMS_KEY not in responses.get("422", ()) else None, None)
    slugs: dict[str, list[str]] = {}
    with_key = ALWAYS_WITH_KEY if operation["operationId"] in PERMISSIONS else ()
    with_body = ALWAYS_WITH_BODY if "requestBody" in operation else ()
    for kind in (*ALWAYS, *with_key, *with_body):
        slugs.setdefault(str(kind.status.value), []).append(kind.slug)
    if TAKING_NAMES & {parameter["name"] for parameter in operation["parameters"]}:
        slugs.setdefault("422", []).append(AmbiguousNameError.slug)
    for status in [status for status, response in responses.items() if PROBLEMS_KEY in response]:
        slugs.setdefault(status, []).extend(responses.pop(status)[PROBLEMS_KEY])
    for status, slugs_of_status in slugs.items():
        responses[status] = _problem_response(slugs_of_status, components)


def _security(operation: dict[str, Any]) -> list[dict[str, list[str]]]:
    """The roles that have permission for an operation; empty if it needs no key."""
    permission = PERMISSIONS.get(operation["operationId"])
    if permission is None:
        return []
    roles: list[dict[str, list[str]]] = [{role.value: []} for role in sorted(permission.roles)]
    return [{}, *roles] if permission.in_part else roles


def _complete_read(operation: dict[str, Any], components: dict[str, Any]) -> None:
    """Complete a read: conditional requests, headers, and a real response for each media type."""
    operation["parameters"].append(dict(IF_NONE_MATCH))
    operation["responses"]["304"] = _refer("responses", "NotModified")["NotModified"]
    success = operation["responses"]["200"]
    names = [*VALIDATORS, "Content-Language"]
    if "Page'" in str(success["content"]) or _has_page(operation, success, components):
        names.append("Link")
    _complete_success(operation, success, names, components)


def _has_page(
    operation: dict[str, Any], success: dict[str, Any], components: dict[str, Any]
) -> bool:
    """Whether an operation gives a single resource as it is now, which has a page for people."""
    name = str(success["content"].get(JSON_TYPE, {}).get("schema", {}).get("$ref", ""))
    members = components["schemas"].get(name.rpartition("/")[2], {}).get("properties", {})
    is_past = any(parameter.get("name") == "version" for parameter in operation["parameters"])
    return "html_url" in members and not is_past


def _complete_write(operation: dict[str, Any], components: dict[str, Any]) -> None:
    """Complete a write: the header that makes it safe to repeat, a real request and its response."""
    patches = "200" in operation["responses"]
    operation["parameters"].append(dict(IF_MATCH if patches else IDEMPOTENCY_KEY))
    success = operation["responses"]["200" if patches else "201"]
    names = [
        *(() if patches else ("Location",)),
        "Content-Location",
        "ETag",
        "Last-Modified",
        *PROBLEM_HEADERS,
    ]
    _complete_success(operation, success, names, components)
    example = EXAMPLES["operations"][operation["operationId"]][JSON_TYPE]
    name = f"{_capitalized(operation['operationId'])}Request"
    components["examples"][name] = {"summary": example["request"], "value": example["body"]}
    operation["requestBody"]["content"][JSON_TYPE]["examples"] = _refer("examples", name)


def _complete_parameter(parameter: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Move description and example of a parameter out of its schema, and drop null from it.

    A default beside a `$ref` moves to the enum it refers to: some generators lose the type
    otherwise.
    """
    schema = without_null(parameter["schema"])
    if "items" in schema:
        parameter |= {"style": "form", "explode": True}
    schema.pop("description", None)
    parameter.pop("examples", None)
    if examples := schema.pop("examples", None):
        parameter["example"] = examples[0]
    if "$ref" in schema and "default" in schema:
        schemas[schema["$ref"].rpartition("/")[2]]["default"] = schema.pop("default")
    parameter["schema"] = schema


def _complete_success(
    operation: dict[str, Any], success: dict[str, Any], names: list[str], components: dict[str, Any]
) -> None:
    """Complete a success: its headers, and a real response for each media type."""
    success["description"] = operation["summary"].partition(" · ")[0]
    success["headers"] = _refer("headers", *names)
    for media_type, example in EXAMPLES["operations"][operation["operationId"]].items():
        if "response" not in example:
            continue  # too long, or binary
        name = f"{_capitalized(operation['operationId'])}{_pascal(SUFFIXES.get(media_type, ''))}"
        request = example["request"]
        components["examples"][name] = {
            "summary": request if " " in request else f"GET {request}",
            "value": example["response"],
        }
        success["content"][media_type]["examples"] = _refer("examples", name)


def _capitalized(name: str) -> str:
    """Camel case to Pascal case: `listTasks` to `ListTasks`."""
    return name[0].upper() + name[1:]


def _problem_response(slugs: list[str], components: dict[str, Any]) -> dict[str, Any]:
    """A reference to the response that may be any of these problems; it is a component."""
    kinds = [kind for kind in every_kind() if kind.slug in slugs]
    names = [_pascal(kind.slug) for kind in kinds]
    (shape,) = {kind.problem.__name__ for kind in kinds}
    headers = list(PROBLEM_HEADERS)
    if {UnavailableError, TooManyRequestsError, RateLimitedError} & {*kinds}:
        headers.append("Retry-After")
    if RateLimitedError in kinds:
        headers += ["RateLimit-Policy", "RateLimit"]
    if UnauthorizedError in kinds:
        headers.append("WWW-Authenticate")
    name = "Or".join(names)
    components["responses"][name] = {
        "description": "；".join(f"{kind.title.zh} {kind.title.en}" for kind in kinds),
        "headers": _refer("headers", *headers),
        "content": {
            PROBLEM_TYPE: {
                "schema": {"$ref": f"#/components/schemas/{shape}"},
                "examples": _refer("examples", *names),
            }
        },
    }
    return {"$ref": f"#/components/responses/{name}"}


def _share_parameters(operations: list[dict[str, Any]], components: dict[str, Any]) -> None:
    """Turn parameters that several operations share into components."""
    used: dict[str, list[dict[str, Any]]] = {}
    for operation in operations:
        for parameter in operation.get("parameters", ()):
            used.setdefault(json.dumps(parameter, sort_keys=True), []).append(parameter)
    shared = components["parameters"] = {}
    for same in sorted(used.values(), key=len, reverse=True):
        name = f"{_pascal(same[0]['name'].replace('_', '-'))}{same[0]['in'].capitalize()}"
        if len(same) < SHARED_BY or name in shared:
            continue
        shared[name] = dict(same[0])
        for parameter in same:
            parameter.clear()
            parameter["$ref"] = f"#/components/parameters/{name}"


def _drop_unused_examples(document: dict[str, Any]) -> None:
    """Drop examples of problems that no operation returns, such as method-not-allowed."""
    text, examples = json.dumps(document), document["components"]["examples"]
    for name in [n for n in examples if f'"#/components/examples/{n}"' not in text]:
        del examples[name]


class _Dumper(yaml.CSafeDumper):
    """YAML without aliases, so that a diff shows every change where it applies."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _block(dumper: yaml.CSafeDumper, text: str) -> yaml.ScalarNode:
    """Write multi-line text as a block."""
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _block)


def as_yaml(document: dict[str, Any]) -> str:
    """The contract in the form of `openapi.yaml`."""
    text: str = yaml.dump(document, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)
    return text
