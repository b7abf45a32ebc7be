"""Rewrites schemas for code generators: constants, number formats, null, titles, references."""

import re
from enum import StrEnum
from typing import Any

from app.enums import Labelled

INT32 = 2**31 - 1


def name_values(name: str, schema: dict[str, Any]) -> None:
    """Adds names of constants for generators, and the Chinese label of each value.

    Each name begins with that of its enum, as in protobuf: in Go all constants share one scope.
    """
    every = [*StrEnum.__subclasses__(), *Labelled.__subclasses__()]
    kinds = {kind.__name__: kind for kind in every if kind.__module__[:4] == "app."}
    if "enum" not in schema or name not in kinds:
        return
    members = list(kinds[name])
    prefix = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()
    schema["x-enum-varnames"] = [f"{prefix}_{member.name}" for member in members]
    labels = [member.label for member in members if isinstance(member, Labelled)]
    if labels:
        schema["x-enum-descriptions"] = labels
        lines = "\n".join(
            f"- `{value}` {label}" for value, label in zip(schema["enum"], labels, strict=True)
        )
        schema["description"] = f"{schema['description']}\n\n{lines}"


def leave_references_alone(schema: dict[str, Any]) -> None:
    """Moves members beside a `$ref`, which generators treat differently, to the object's description."""
    lines = []
    for name, member in schema.get("properties", {}).items():
        if "$ref" not in member or len(member) == 1:
            continue
        parts = [member["description"]] if "description" in member else []
        if "default" in member:
            parts.append(f"default `{member['default']}`")
        lines.append(f"- `{name}`: {'; '.join(parts)}")
        schema["properties"][name] = {"$ref": member["$ref"]}
    if lines:
        schema["description"] = "\n".join([schema["description"], "", *lines])


def size_numbers(node: Any) -> None:
    """Adds the format of numbers: some generators assume 32 bits for every number."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key not in ("example", "examples"):
                size_numbers(value)
        if node.get("type") == "integer":
            node["format"] = "int32" if node.get("maximum", INT32 + 1) <= INT32 else "int64"
        elif node.get("type") == "number":
            node["format"] = "double"
    elif isinstance(node, list):
        for value in node:
            size_numbers(value)


def join_null(node: Any) -> None:
    """Writes `type: [string, "null"]` for nullable members; references and arrays keep their `anyOf`.

    openapi-typescript-codegen generates `any[]` for a nullable array without `anyOf`.
    """
    if isinstance(node, dict):
        for value in node.values():
            join_null(value)
        kinds = node.get("anyOf", ())
        if (
            len(kinds) == 2
            and kinds[1] == {"type": "null"}
            and isinstance(kinds[0].get("type"), str)
            and kinds[0]["type"] != "array"
        ):
            del node["anyOf"]
            rest = dict(node)
            node.clear()
            node |= {**kinds[0], "type": [kinds[0]["type"], "null"], **rest}
    elif isinstance(node, list):
        for value in node:
            join_null(value)


def without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of an optional parameter without null: such a parameter is omitted, never null."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) == 1:
        rest = {key: value for key, value in schema.items() if key != "anyOf"}
        return {**kinds[0], **rest}
    return schema


def drop_titles(node: Any, name: str = "") -> None:
    """Drops the titles that pydantic derives from names; properties named `title` stay."""
    if isinstance(node, dict):
        if isinstance(node.get("title"), str) and name not in ("info", "properties"):
            del node["title"]
        for key, value in node.items():
            if key != "example" and not (key == "value" and "summary" in node):  # not a schema
                drop_titles(value, key)
    elif isinstance(node, list):
        for value in node:
            drop_titles(value, name)
