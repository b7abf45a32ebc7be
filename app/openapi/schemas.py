"""Rewrites schemas for code generators: constants, number formats, null, titles, references."""

import re
from enum import StrEnum
from typing import Any

from app.enums import Labelled

INT32 = 2**31 - 1


def name_values(name: str, schema: dict[str, Any]) -> None:
    """Names of constants for generators, and what each value means, in Chinese.

    Each begins with the name of its enum, as in protobuf: in Go all constants share one scope.
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
        told = "\n".join(
            f"- `{value}` {label}" for value, label in zip(schema["enum"], labels, strict=True)
        )
        schema["description"] = f"{schema['description']}\n\n{told}"


def leave_references_alone(schema: dict[str, Any]) -> None:
    """Nothing stands beside a `$ref`, which generators read in different ways: the object says it."""
    told = []
    for name, member in schema.get("properties", {}).items():
        if "$ref" not in member or len(member) == 1:
            continue
        words = [member["description"]] if "description" in member else []
        if "default" in member:
            words.append(f"`{member['default']}` where it is not given")
        told.append(f"- `{name}`: {'; '.join(words)}")
        schema["properties"][name] = {"$ref": member["$ref"]}
    if told:
        schema["description"] = "\n".join([schema["description"], "", *told])


def size_numbers(node: Any) -> None:
    """How wide a number is, where generators would take 32 bits for any."""
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
    """`type: [string, "null"]` for what may be null; references and arrays keep their `anyOf`.

    openapi-typescript-codegen makes `any[]` of an array beside null.
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
    """An optional parameter is left out, never null."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) == 1:
        rest = {key: value for key, value in schema.items() if key != "anyOf"}
        return {**kinds[0], **rest}
    return schema


def drop_titles(node: Any, name: str = "") -> None:
    """Titles that pydantic makes of names; properties that are called `title` stay."""
    if isinstance(node, dict):
        if isinstance(node.get("title"), str) and name not in ("info", "properties"):
            del node["title"]
        for key, value in node.items():
            if key != "example" and not (key == "value" and "summary" in node):  # no schema
                drop_titles(value, key)
    elif isinstance(node, list):
        for value in node:
            drop_titles(value, name)
