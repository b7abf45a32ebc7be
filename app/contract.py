"""The contract that the code publishes: OpenAPI 3.1, made for generators.

FastAPI's document, less what trips generators: titles, `anyOf` null on parameters, its own 422.
`python -m app openapi` writes `openapi.yaml`; a test compares it.
"""

from typing import Any

import yaml
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from app.errors import (
    InternalError,
    InvalidParametersError,
    MalformedRequestError,
    NotAcceptableError,
    Problem,
    UnavailableError,
    documented,
)

TAGS = [
    {"name": "service", "description": "服务说明与入口。What this is and where everything is."},
    {"name": "plans", "description": "工作要点：通知及其全文。Plans: notices and their texts."},
    {"name": "sections", "description": "各部分。Sections of plans."},
    {"name": "tasks", "description": "任务。Tasks: what is to be done, by whom."},
    {"name": "agencies", "description": "机构。Agencies: who is meant by a name."},
    {"name": "targets", "description": "目标。Targets: figures, full coverage, dates."},
    {"name": "platforms", "description": "平台、品牌和举措。What notices name."},
    {"name": "changes", "description": "变更流。The change feed, for mirrors."},
    {"name": "search", "description": "全文检索。Search: anything, by its words."},
]
DESCRIPTION = """把政府年度工作要点变成可引用、可查询的公开数据。

Government work plans as data: who shall do what, by when, to what figure, each word and number with
its place in the notice. Values that come from a notice are the notice's own words, in Simplified
Chinese; what a notice does not say is `null`. Reading needs no key.

The code is under the MIT licence. The data are official documents, which copyright does not cover
(Copyright Law of the People's Republic of China, article 5, item 1); `/v1` says so too.
"""
# What any operation may answer.
ALWAYS = documented(
    MalformedRequestError,
    NotAcceptableError,
    InvalidParametersError,
    InternalError,
    UnavailableError,
)


def _header(description: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}}


# What every 200 says of itself (RFC 9110), and what its 304 repeats.
VALIDATORS = {
    "ETag": _header("strong; for If-None-Match"),
    "Last-Modified": _header("when any data changed last; for If-Modified-Since"),
    "Cache-Control": _header("how long an answer may be used without asking"),
    "Vary": _header("the request headers that choose the representation"),
}
LANGUAGE = _header("zh-Hans, or zh-Hant converted by OpenCC")
NOT_MODIFIED = {"description": "没有变化；沿用已有的副本。Not modified.", "headers": VALIDATORS}


def operation_id(route: APIRoute) -> str:
    """`list_tasks` is `listTasks`."""
    first, *rest = route.name.split("_")
    return first + "".join(word.capitalize() for word in rest)


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
    schemas = document["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs"))
    schemas["Problem"] = problem
    for path in document["paths"].values():
        for operation in path.values():
            _complete(operation)
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    _drop_titles(document)
    return document


def _complete(operation: dict[str, Any]) -> None:
    """Summary and description of an operation, its parameters, and all that it may answer."""
    summary, _, description = operation["description"].partition("。")
    first, *more = description.split("\n\n")
    operation["summary"] = f"{summary} · {first.strip().rstrip('.')}"
    operation["description"] = "\n\n".join([first.strip(), *more])
    operation["security"] = []
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _without_null(parameter["schema"])
        parameter.pop("examples", None)
        if examples := parameter["schema"].pop("examples", None):
            parameter["example"] = examples[0]
    responses = operation["responses"]
    responses["304"] = dict(NOT_MODIFIED)
    if "HTTPValidationError" in str(responses.get("422")):
        del responses["422"]
    for status, always in ALWAYS.items():
        given = responses.setdefault(str(status), {"description": "", "content": {}})
        if not given["content"]:
            given["description"] = always["description"]
        content = given["content"].setdefault("application/problem+json", {"examples": {}})
        examples = always["content"]["application/problem+json"]["examples"]
        content["examples"] = {**examples, **content["examples"]}
    for status, response in responses.items():
        more = {**VALIDATORS, "Content-Language": LANGUAGE} if status == "200" else {}
        response["headers"] = {
            **response.get("headers", {}),
            "X-Request-ID": _header("names this request; give it when you report a problem"),
            **more,
        }
        if "application/problem+json" in response.get("content", {}):
            response["content"].pop("application/json", None)
            response["content"]["application/problem+json"]["schema"] = {
                "$ref": "#/components/schemas/Problem"
            }
        if status == "200":
            response["description"] = summary
    ok = responses["200"]
    if "Page" in str(ok["content"].get("application/json", {}).get("schema")):
        ok["headers"]["Link"] = _header(
            'RFC 8288: rel="next" where there is a next page, and rel="first"'
        )
    operation["responses"] = dict(sorted(responses.items()))


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """An optional parameter is left out, never null."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) == 1:
        rest = {key: value for key, value in schema.items() if key != "anyOf"}
        return {**kinds[0], **rest}
    return schema


def _drop_titles(node: Any, name: str = "") -> None:
    """Titles that pydantic makes of names; properties that are called `title` stay."""
    if isinstance(node, dict):
        if isinstance(node.get("title"), str) and name not in ("info", "properties"):
            del node["title"]
        for key, value in node.items():
            if key not in ("example", "examples", "value"):
                _drop_titles(value, key)
    elif isinstance(node, list):
        for value in node:
            _drop_titles(value, name)


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
