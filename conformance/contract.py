"""The published contract: its operations, what they take, and what they promise to give."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

Schema = dict[str, Any]
JSON_TYPE = "application/json"
PUBLISHED = Path(__file__).parent.parent / "openapi.yaml"
OF_ONE = re.compile(r"/\{(?:\w+_)?id\}$")  # the end of the path of one row of a list
DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z", re.ASCII)


def is_date(value: object) -> bool:
    """YYYY-MM-DD, and a day of the calendar."""
    if not isinstance(value, str):
        return True
    return bool(DATE.fullmatch(value)) and bool(date.fromisoformat(value))


def is_instant(value: object) -> bool:
    """RFC 3339 in UTC, written with a Z."""
    if not isinstance(value, str):
        return True
    return bool(INSTANT.fullmatch(value)) and bool(datetime.fromisoformat(value))


FORMATS = FormatChecker(formats=())
FORMATS.checkers = {"date": (is_date, ValueError), "date-time": (is_instant, ValueError)}


ABOUT_ONE_PLAN = "/v1/monitoring"  # 422 without `plan` or other filters that leave one


@dataclass(frozen=True)
class Operation:
    """A `GET` of the contract, open to all."""

    id: str
    path: str
    parameters: Mapping[str, Schema]  # those of the query, by name
    fields: Mapping[str, Schema]  # those of the path, by name
    required: frozenset[str]
    gives: Mapping[str, Schema]  # media type → schema
    headers: frozenset[str]  # of a 200, in lower case

    @property
    def resource(self) -> str:
        """What it is about: `tasks` of `/v1/tasks`."""
        return self.path.split("/{")[0].rpartition("/")[2]

    @property
    def is_list(self) -> bool:
        """Whether it can be walked without knowing anything."""
        return "cursor" in self.parameters and not self.required and not self.fields

    @property
    def is_of_one(self) -> bool:
        """Whether its path has the id of something."""
        return any(re.fullmatch(r"(\w+_)?id", name) for name in self.fields)

    def path_of(self, id_: str) -> str:
        """The path of one thing, whatever the contract calls its id; a number after it is 1."""
        return re.sub(r"\{\w+\}", "1", re.sub(r"\{\w+\}", id_, self.path, count=1))

    def allowed(self, parameter: str) -> list[str]:
        """The values of a closed set; empty where the parameter is no such thing."""
        schema = self.parameters.get(parameter, {})
        values: list[str] = schema.get("items", schema).get("enum", [])
        return values


@dataclass(frozen=True)
class Contract:
    """An OpenAPI document, with every `$ref` followed."""

    document: Schema
    validators: dict[str, Draft202012Validator] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "Contract":
        """Raises OSError, yaml.YAMLError, or ValueError where it is no OpenAPI 3.1."""
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # either is safe; one is quick
        document = yaml.load(path.read_bytes(), loader)  # noqa: S506
        if not isinstance(document, dict) or not str(document.get("openapi", "")).startswith("3.1"):
            raise ValueError(f"{path} is no OpenAPI 3.1 document")
        if not document.get("paths") or not document.get("components"):
            raise ValueError(f"{path} has no operations")
        return cls(document)

    @cached_property
    def operations(self) -> list[Operation]:
        """Every `GET` that needs no key."""
        return [
            self._operation(path, item)
            for path, item in self.document["paths"].items()
            if "get" in item and not item["get"].get("security")
        ]

    @cached_property
    def lists(self) -> list[Operation]:
        return [operation for operation in self.operations if operation.is_list]

    @cached_property
    def details(self) -> list[Operation]:
        """Operations that give one row of a list."""
        listed = {operation.path for operation in self.lists}
        return [
            one
            for one in self.operations
            if OF_ONE.search(one.path) and OF_ONE.sub("", one.path) in listed
        ]

    def at(self, path: str) -> Operation | None:
        """The operation of a path, if the contract has it."""
        return next((one for one in self.operations if one.path == path), None)

    @cached_property
    def _opened_components(self) -> Any:
        return self._opened(self.document["components"])

    def methods(self, path: str) -> list[str]:
        """The methods of a path, in upper case."""
        known = ("get", "post", "put", "patch", "delete")
        return [method.upper() for method in known if method in self.document["paths"][path]]

    def mistakes(self, schema: Schema, instance: object) -> list[str]:
        """Where a document is not what its schema says; unknown members are no mistake."""
        key = repr(schema)
        if key not in self.validators:
            whole = {**self._opened(schema), "components": self._opened_components}
            self.validators[key] = Draft202012Validator(whole, format_checker=FORMATS)
        return [_told(error) for error in self.validators[key].iter_errors(instance)]

    def meant(self, schema: Schema) -> Schema:
        """What a schema is, references followed, whether or not it may be null."""
        schema = self._resolved(schema)
        parts = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
        return self._resolved(parts[0]) if len(parts) == 1 else schema

    def labels(self, schema: Schema) -> dict[str, str]:
        """What each value of a closed set means, in Chinese; empty for what is none."""
        schema = self.meant(schema)
        described = schema.get("x-enum-descriptions", ())
        return dict(zip(schema["enum"], described, strict=True)) if described else {}

    def _operation(self, path: str, item: Schema) -> Operation:
        get = item["get"]
        given = [self._resolved(p) for p in (*item.get("parameters", ()), *get["parameters"])]
        response = self._resolved(get["responses"]["200"])
        return Operation(
            id=get["operationId"],
            path=path,
            parameters={p["name"]: self._schema(p) for p in given if p["in"] == "query"},
            fields={p["name"]: self._schema(p) for p in given if p["in"] == "path"},
            required=frozenset(p["name"] for p in given if p["in"] == "query" and p["required"])
            | ({"plan"} if path == ABOUT_ONE_PLAN else frozenset()),
            gives={kind: given["schema"] for kind, given in response["content"].items()},
            headers=frozenset(name.lower() for name in response.get("headers", {})),
        )

    def _schema(self, parameter: Schema) -> Schema:
        schema = self._resolved(parameter["schema"])
        return {**schema, "items": self._resolved(schema["items"])} if "items" in schema else schema

    def _resolved(self, node: Schema) -> Schema:
        """A node itself, in place of a reference to it; what stands beside `$ref` goes first."""
        while "$ref" in node:
            target: Any = self.document
            for name in node["$ref"].removeprefix("#/").split("/"):
                target = target[name.replace("~1", "/").replace("~0", "~")]
            node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
        return node

    def _opened(self, schema: Any) -> Any:
        """The contract grows by members, so none is refused for being unknown."""
        if isinstance(schema, dict):
            closed = schema.get("additionalProperties") is False
            return {
                name: self._opened(value)
                for name, value in schema.items()
                if not (closed and name == "additionalProperties")
            }
        return [self._opened(value) for value in schema] if isinstance(schema, list) else schema


def _told(error: ValidationError) -> str:
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.path)
    return f"{place.lstrip('.') or 'the document'}: {error.message[:200]}"
