"""The contract as a document, walked."""

from typing import Any

LISTS = ["plans", "sections", "tasks", "agencies", "targets", "platforms"]


def resolved(document: dict[str, Any], node: Any) -> Any:
    """What a reference leads to."""
    while "$ref" in node:
        kind, name = node["$ref"].split("/")[-2:]
        node = document["components"][kind][name]
    return node


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(path, op) for path, ops in document["paths"].items() for op in ops.values()]


def success(operation: dict[str, Any]) -> dict[str, Any]:
    """The response where all goes well."""
    responses = operation["responses"]
    answer: dict[str, Any] = responses.get("200") or responses["201"]
    return answer
