"""The contract that the code publishes: OpenAPI 3.1, made for generators.

FastAPI's document, less what trips generators: titles, `anyOf` null on parameters, its own 422.
`python -m app openapi` writes `openapi.yaml`; a test compares it.
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
    InternalError,
    UnavailableError,
)
# What any operation that needs a key, or takes a body, may answer on top.
ALWAYS_WITH_KEY = (UnauthorizedError, ForbiddenError, TooManyRequestsError)
ALWAYS_WITH_BODY = (TooLargeError, UnsupportedMediaTypeError)
PROBLEM_TYPE = "application/problem+json"
SHARED_BY = 3  # operations; a parameter of so many is described once
VALIDATORS = ("ETag", "Last-Modified", "Cache-Control", "Vary", "X-Request-ID")
OF_PROBLEMS = ("Content-Language", "Cache-Control", "Vary", "X-Request-ID")
EXAMPLES = json.loads((Path(__file__).parent / "examples.json").read_text("utf-8"))


def openapi_document(app: FastAPI, public_url: str) -> dict[str, Any]:
    """The whole contract."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        summary="Government work plans as a public, citable, queryable service",
        description=DESCRIPTION,
        routes=app.routes,
        tags=TAGS,
        servers=[{"url": public_url}],
        license_info={"name": "MIT", "identifier": "MIT"},
        contact={"name": "Work Plan API"},
    )
    components = document["components"]
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    for shape in {kind.problem for kind in every_kind()}:
        problem = shape.model_json_schema(ref_template="#/components/schemas/{model}")
        for name in Problem.model_fields if shape is not Problem else ():
            problem["properties"][name].pop("examples", None)  # of other kinds of problem
        components["schemas"] |= problem.pop("$defs") | {shape.__name__: problem}
    components["headers"] = {name: _header(*about) for name, about in HEADERS.items()}
    components["examples"] = {
        _pascal(kind.slug): _problem_example(kind)
        for kind in every_kind()
        if kind is not HeadTooLargeError  # refused by the server, before any operation
    }
    components["responses"] = {"NotModified": NOT_MODIFIED}
    components["securitySchemes"] = _security_schemes()
    operations = [one for path in document["paths"].values() for one in path.values()]
    for operation in operations:
        _complete(operation, components)
        operation["security"] = _security(operation)
        if "requestBody" in operation:
            _complete_writing(operation, components)
        else:
            _complete_reading(operation, components)
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
    """`not-found` is `NotFound`."""
    return "".join(word.capitalize() for word in slug.split("-"))


def _problem_example(kind: type[ApiError]) -> dict[str, Any]:
    """A real problem of a kind, and what asked for it."""
    example = EXAMPLES["problems"][kind.slug]
    about = f"{kind.meaning.zh} {kind.meaning.en}"
    return {"summary": example["request"], "description": about, "value": example["answer"]}


def _security_schemes() -> dict[str, Any]:
    """A scheme for each role that something needs; all are given as a bearer token (RFC 6750)."""
    needed = {role for permission in PERMISSIONS.values() for role in permission.roles}
    return {
        role.value: {
            "type": "http",
            "scheme": "bearer",
            "description": KEY_LABELS[role],
        }
        for role in needed
    }


def _complete(operation: dict[str, Any], components: dict[str, Any]) -> None:
    """Summary and description of an operation, its parameters, and the problems that it may give."""
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
    for status in [status for status, response in responses.items() if PROBLEMS_KEY in response]:
        slugs.setdefault(status, []).extend(responses.pop(status)[PROBLEMS_KEY])
    for status, of_status in slugs.items():
        responses[status] = _problem_response(of_status, components)


def _security(operation: dict[str, Any]) -> list[dict[str, list[str]]]:
    """The roles that may do an operation; none where it needs no key."""
    permission = PERMISSIONS.get(operation["operationId"])
    return [{role.value: []} for role in sorted(permission.roles)] if permission else []


def _complete_reading(operation: dict[str, Any], components: dict[str, Any]) -> None:
    """Conditional requests, and what a 200 is: its headers, a real answer for each media type."""
    operation["parameters"].append(dict(IF_NONE_MATCH))
    operation["responses"]["304"] = _refer("responses", "NotModified")["NotModified"]
    ok = operation["responses"]["200"]
    names = [*VALIDATORS, "Content-Language"]
    if "Page" in str(ok["content"]):
        names.append("Link")
    _complete_answer(operation, ok, names, components)


def _complete_writing(operation: dict[str, Any], components: dict[str, Any]) -> None:
    """How to repeat it, and a real request with its answer."""
    patches = "200" in operation["responses"]
    operation["parameters"].append(dict(IF_MATCH if patches else IDEMPOTENCY_KEY))
    answer = operation["responses"]["200" if patches else "201"]
    names = [
        *(() if patches else ("Location",)),
        "Content-Location",
        "ETag",
        "Last-Modified",
        *OF_PROBLEMS,
    ]
    _complete_answer(operation, answer, names, components)
    example = EXAMPLES["operations"][operation["operationId"]][JSON_TYPE]
    name = f"{_first_up(operation['operationId'])}Request"
    components["examples"][name] = {"summary": example["request"], "value": example["body"]}
    operation["requestBody"]["content"][JSON_TYPE]["examples"] = _refer("examples", name)


def _complete_parameter(parameter: dict[str, Any], schemas: dict[str, Any]) -> None:
    """A parameter is left out, never null; its description and example stand beside its schema.

    Nothing stands beside a `$ref`, since some generators then know no type: a default moves to
    the enum that it is of.
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


def _complete_answer(
    operation: dict[str, Any], ok: dict[str, Any], names: list[str], components: dict[str, Any]
) -> None:
    """What a success is: its headers, and a real answer for each media type."""
    ok["description"] = operation["summary"].partition(" · ")[0]
    ok["headers"] = _refer("headers", *names)
    for media_type, example in EXAMPLES["operations"][operation["operationId"]].items():
        if "answer" not in example:
            continue  # too long to show, or no text
        name = f"{_first_up(operation['operationId'])}{_pascal(SUFFIXES.get(media_type, ''))}"
        request = example["request"]
        components["examples"][name] = {
            "summary": request if " " in request else f"GET {request}",
            "value": example["answer"],
        }
        ok["content"][media_type]["examples"] = _refer("examples", name)


def _first_up(name: str) -> str:
    """`listTasks` is `ListTasks`."""
    return name[0].upper() + name[1:]


def _problem_response(slugs: list[str], components: dict[str, Any]) -> dict[str, Any]:
    """A response that may be one of some kinds of problem, described once."""
    kinds = [kind for kind in every_kind() if kind.slug in slugs]
    names = [_pascal(kind.slug) for kind in kinds]
    (shape,) = {kind.problem.__name__ for kind in kinds}
    headers = list(OF_PROBLEMS)
    if {UnavailableError, TooManyRequestsError} & {*kinds}:
        headers.append("Retry-After")
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
    """What several operations take in the same way is described once."""
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
    """Examples of kinds of problem that no operation has: a wrong method is of none."""
    text, examples = json.dumps(document), document["components"]["examples"]
    for name in [n for n in examples if f'"#/components/examples/{n}"' not in text]:
        del examples[name]


class _Dumper(yaml.CSafeDumper):
    """YAML without references, so that a diff shows each place where it changes."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _block(dumper: yaml.CSafeDumper, text: str) -> yaml.ScalarNode:
    """Texts of several lines as lines."""
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _block)


def as_yaml(document: dict[str, Any]) -> str:
    """The contract as `openapi.yaml` has it."""
    text: str = yaml.dump(document, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)
    return text
