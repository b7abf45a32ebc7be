"""Each of the house's own lint rules finds what it is for, and nothing in the contract as it is."""

import copy
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support import ROOT
from tests.support.once import Once

LINT = ROOT / "lint"
Spoil = Callable[[dict[str, Any]], object]


def get(document: dict[str, Any], path: str = "/v1/tasks") -> dict[str, Any]:
    operation: dict[str, Any] = document["paths"][path]["get"]
    return operation


def schemas(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"]
    return found


def inline_enum(document: dict[str, Any]) -> None:
    schemas(document)["Task"]["properties"]["level"] = {"type": "string", "enum": ["item"]}


def nullable_parameter(document: dict[str, Any]) -> None:
    get(document)["parameters"].append(
        {
            "name": "x",
            "in": "query",
            "description": "x",
            "schema": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        }
    )


def plain_failure(document: dict[str, Any]) -> None:
    response = document["components"]["responses"]["NotFound"]
    response["content"] = {"application/json": response["content"]["application/problem+json"]}


def renamed(name: str, other: str) -> Spoil:
    return lambda document: schemas(document).update(
        {other: copy.deepcopy(schemas(document)[name])}
    )


def same_name_in_path_and_query(document: dict[str, Any]) -> None:
    get(document, "/v1/tasks/{task_id}")["parameters"].append(
        {"name": "task_id", "in": "query", "description": "x", "schema": {"type": "string"}}
    )


SPOILT: dict[str, Spoil] = {
    "operation-id-is-camel-case": lambda d: get(d).update(operationId="list_tasks"),
    "operation-has-one-tag": lambda d: get(d)["tags"].append("plans"),
    "summary-is-in-both-languages": lambda d: get(d).update(summary="Tasks"),
    "enum-values-are-ascii": lambda d: schemas(d)["Role"]["enum"].append("牵头"),
    "enums-are-named": inline_enum,
    "enum-constants-are-named": lambda d: schemas(d)["Role"].pop("x-enum-varnames"),
    "parameters-are-never-null": nullable_parameter,
    "parameter-names-are-unique": same_name_in_path_and_query,
    "references-stand-alone": lambda d: schemas(d)["Task"]["properties"]["span"].update(
        description="x"
    ),
    "field-names-are-snake-case": lambda d: schemas(d)["Span"]["properties"].update(
        lastOne={"type": "string"}
    ),
    "objects-say-what-is-required": lambda d: schemas(d)["Span"].pop("required"),
    "failures-are-problem-documents": plain_failure,
    "components-are-pascal-case": renamed("Span", "span"),
    "no-framework-pairs": renamed("Span", "SpanInput"),
}


def part_of(contract: dict[str, Any]) -> dict[str, Any]:
    """Two paths of the contract and what they refer to: linting takes its time by the length."""
    part = copy.deepcopy(contract)
    part["paths"] = {path: part["paths"][path] for path in ("/v1/tasks", "/v1/tasks/{task_id}")}
    before = ""
    while before != (text := json.dumps(part)):
        before = text
        for kind, components in part["components"].items():
            for name in list(components):
                if f'"#/components/{kind}/{name}"' not in text and kind != "securitySchemes":
                    del components[name]
    return part


def without_examples(value: Any) -> Any:
    """No rule of the house reads examples, whose own rules take half of the time of linting."""
    if isinstance(value, dict):
        return {
            name: without_examples(one)
            for name, one in value.items()
            if name not in ("example", "examples")
        }
    return [without_examples(one) for one in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory, once: Once) -> Any:
    """Copy of the contract → which rules spoke about it."""
    folder = tmp_path_factory.mktemp("spoilt")
    return once("house rules", lambda: linted(folder))


def linted(folder: Path) -> dict[str, list[str]]:
    """All copies in one run."""
    contract = yaml.load((ROOT / "openapi.yaml").read_text("utf-8"), yaml.CSafeLoader)
    part = part_of(contract)
    (folder / "part.json").write_text(json.dumps(part), "utf-8")
    for rule, spoil in SPOILT.items():
        document = without_examples(part)
        spoil(document)
        (folder / f"{rule}.json").write_text(json.dumps(document), "utf-8")
    run = subprocess.run(
        [
            *("node", "node_modules/@stoplight/spectral-cli/dist/index.js", "lint"),
            *("--ruleset", "spectral.yaml", "--format", "json", "--quiet"),
            *map(str, sorted(folder.iterdir())),
        ],
        cwd=LINT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1, run.stderr
    spoken: dict[str, list[str]] = {}
    for finding in json.loads(run.stdout):
        spoken.setdefault(Path(finding["source"]).stem, []).append(finding["code"])
    return spoken


@pytest.mark.parametrize("rule", list(SPOILT))
def test_a_rule_finds_what_it_is_for(found: Any, rule: str) -> None:
    assert rule in found[rule]


def test_the_contract_as_it_is_keeps_all_rules(found: Any) -> None:
    """Of a part; `make contract` lints the whole."""
    assert "part" not in found


def test_every_rule_of_the_house_is_tried() -> None:
    rules = yaml.safe_load((LINT / "spectral.yaml").read_text("utf-8"))["rules"]
    assert set(SPOILT) == {name for name, rule in rules.items() if isinstance(rule, dict)}
