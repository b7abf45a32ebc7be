"""An OpenAPI document, and what its nodes mean wherever they are written."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml

Node = dict[str, Any]
SCHEMAS = "#/components/schemas/"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class UnreadableError(Exception):
    """What was given is no OpenAPI document, or points to nothing."""


@dataclass
class Document:
    """A contract; `name` is what messages call it."""

    root: Node
    name: str = "the document"

    @classmethod
    def read(cls, path: Path) -> "Document":
        try:
            root = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise UnreadableError(f"{path} cannot be read: {error}") from error
        document = cls(root, str(path))
        document.check()
        return document

    def check(self) -> None:
        """Raises UnreadableError unless this can be compared."""
        root = self.root
        if not isinstance(root, dict) or not str(root.get("openapi", "")).startswith("3."):
            raise UnreadableError(f"{self.name} is not an OpenAPI 3 document.")
        if not isinstance(root.get("paths", {}), dict):
            raise UnreadableError(f"{self.name}: `paths` is not a mapping.")
        if not isinstance(root.get("components", {}), dict):
            raise UnreadableError(f"{self.name}: `components` is not a mapping.")
        self.version  # noqa: B018, it raises
        for reference in _references(root):
            self.resolve({"$ref": reference})

    @cached_property
    def version(self) -> tuple[int, int]:
        """Major and minor of `info.version`."""
        text = str((self.root.get("info") or {}).get("version", ""))
        major, _, rest = text.partition(".")
        minor = rest.partition(".")[0]
        if not (major.isdecimal() and minor.isdecimal()):
            raise UnreadableError(
                f"{self.name}: `info.version` is {text!r}, which is not a version such as 1.4.0."
            )
        return int(major), int(minor)

    @property
    def schemas(self) -> Node:
        schemas: Node = self.root.get("components", {}).get("schemas", {})
        return schemas

    def resolve(self, node: Node) -> Node:
        """What a node stands for; what is written beside `$ref` goes before what it points to."""
        seen = set()
        while "$ref" in node:
            reference = node["$ref"]
            if reference in seen:
                raise UnreadableError(f"{self.name}: {reference} points to itself.")
            seen.add(reference)
            beside = {key: value for key, value in node.items() if key != "$ref"}
            node = {**self._at(reference), **beside}
        return node

    def _at(self, reference: str) -> Node:
        if not reference.startswith("#/"):
            raise UnreadableError(f"{self.name}: {reference} is outside; only `#/…` is followed.")
        found: Any = self.root
        for part in reference[2:].split("/"):
            part = unquote(part).replace("~1", "/").replace("~0", "~")
            found = found.get(part) if isinstance(found, dict) else None
        if not isinstance(found, dict):
            raise UnreadableError(f"{self.name}: {reference} points to nothing.")
        return found

    def used_schemas(self, today: date | None = None) -> set[str]:
        """Names of the schemas that operations use; with a day, by what has not ended before it."""
        used: set[str] = set()
        waiting: list[Any] = [self.root.get("paths", {})]
        seen: set[str] = set()
        while waiting:
            node = waiting.pop()
            if isinstance(node, list):
                waiting += node
            elif isinstance(node, dict) and not (today and has_ended(node, today)):
                reference = node.get("$ref")
                if isinstance(reference, str) and reference not in seen:
                    seen.add(reference)
                    used |= {reference.removeprefix(SCHEMAS)} & self.schemas.keys()
                    waiting.append(self._at(reference))
                waiting += node.values()
        return used


def has_ended(node: Node, today: date) -> bool:
    """Whether it was announced to end on a day that has come."""
    if node.get("deprecated") is not True or "x-sunset" not in node:
        return False
    try:
        return date.fromisoformat(str(node["x-sunset"])) <= today
    except ValueError:
        raise UnreadableError(f"`x-sunset: {node['x-sunset']}` is not a date.") from None


def _references(node: Any, inside: str = "") -> Iterator[str]:
    """All `$ref`s; examples and defaults may hold anything."""
    if isinstance(node, list):
        for value in node:
            yield from _references(value)
    elif isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        named = inside in ("properties", "schemas", "parameters", "headers", "responses")
        for key, value in node.items():
            if named or key not in ("example", "examples", "value", "default", "const", "enum"):
                yield from _references(value, str(key))


@dataclass(frozen=True)
class Shape:
    """One alternative of a schema: of a single type, by the name that generators give it."""

    node: Node
    kind: str  # a type of JSON Schema, or "any"
    name: str = ""


@dataclass
class Meaning:
    """What a schema allows: some alternatives, and perhaps null."""

    shapes: list[Shape] = field(default_factory=list)
    nullable: bool = False


def meaning(document: Document, schema: Node | bool) -> Meaning:
    """`anyOf`, `oneOf`, lists of types and both ways to say null are the same thing here."""
    found = Meaning()
    _add_meaning(document, schema, "", found)
    return found


def _add_meaning(document: Document, schema: Node | bool, name: str, found: Meaning) -> None:
    if isinstance(schema, bool):
        schema = {} if schema else {"not": {}}
    if str(schema.get("$ref", "")).startswith(SCHEMAS):
        name = schema["$ref"].removeprefix(SCHEMAS)
    schema = document.resolve(schema)
    parts = schema.get("allOf", ())
    if len(parts) == 1 and str(parts[0].get("$ref", "")).startswith(SCHEMAS):
        name = name or parts[0]["$ref"].removeprefix(SCHEMAS)
    schema = _all_of(document, schema)
    found.nullable |= schema.get("nullable") is True
    for several in ("anyOf", "oneOf"):
        if several in schema:
            rest = {key: value for key, value in schema.items() if key != several}
            members = schema[several]
            sole = [member for member in members if member != {"type": "null"}]
            for member in members:
                beside = rest if len(sole) == 1 and member in sole else {}
                _add_meaning(document, {**beside, **member}, "", found)
            return
    for kind in _kinds(schema):
        if kind == "null":
            found.nullable = True
        else:
            found.shapes.append(Shape(schema, kind, name))


def _all_of(document: Document, schema: Node) -> Node:
    """The parts of `allOf` as one schema."""
    if "allOf" not in schema:
        return schema
    whole: Node = {}
    for part in [*schema["allOf"], {key: schema[key] for key in schema if key != "allOf"}]:
        part = _all_of(document, document.resolve(part))
        properties = {**whole.get("properties", {}), **part.get("properties", {})}
        required = [*whole.get("required", ()), *part.get("required", ())]
        whole = {**whole, **part}
        if properties:
            whole["properties"] = properties
        if required:
            whole["required"] = required
    return whole


def _kinds(schema: Node) -> list[str]:
    """The types of a schema, from its values or keywords where it does not say."""
    if "type" in schema:
        given = schema["type"]
        return [given] if isinstance(given, str) else list(given)
    values = values_of(schema)
    if values is not None:
        return sorted({_kind_of(value) for value in values})
    if "properties" in schema or "additionalProperties" in schema:
        return ["object"]
    return ["array"] if "items" in schema else ["any"]


def _kind_of(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    names = {str: "string", int: "integer", float: "number", list: "array"}
    return names.get(type(value), "object")


def values_of(schema: Node) -> list[Any] | None:
    """The values of a closed set; None where it is open. A constant is a set of one."""
    if "const" in schema:
        return [schema["const"]]
    values: list[Any] | None = schema.get("enum")
    return None if values is None else [value for value in values if value is not None]
