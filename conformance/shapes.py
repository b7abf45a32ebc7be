"""Every answer has the published shape, and what it refers to is there."""

import re
from collections.abc import Iterator
from typing import Any

from conformance.contract import JSON_TYPE, Contract, Schema
from conformance.rules import rule
from conformance.server import Finding, Row, Server, spread

EACH = 3  # paths of an operation that are tried
DOCUMENTS = 1000  # of a list that are compared with their schema: a whole page


@rule("every operation: 200")
def every_operation_answers(server: Server) -> Iterator[Finding]:
    """Every operation of the contract returns 200 with a documented media type."""
    for operation in server.contract.operations:
        for path in server.examples(operation):
            answer = server.get(path)
            yield answer.is_(200)
            right = f"one of {', '.join(operation.gives)}"
            yield answer.expect(answer.media_type in operation.gives, answer.media_type, right)


@rule("every operation: headers of the 200")
def every_promised_header_is_there(server: Server) -> Iterator[Finding]:
    """Every response has the headers that the contract promises."""
    for operation, path in server.samples():
        answer = server.get(path)
        missing = sorted(operation.headers - set(answer.headers))
        yield answer.expect(not missing, f"without {', '.join(missing)}", "all of them")


@rule("components/schemas")
def every_document_is_its_schema(server: Server) -> Iterator[Finding]:
    """Every document has all members of its schema, with valid types, enums and formats."""
    for operation in server.contract.operations:
        if JSON_TYPE not in operation.gives:
            continue
        every_field = 99 if any("enum" in one for one in operation.fields.values()) else EACH
        for path in server.examples(operation, every_field):
            answer = server.get(path, {"limit": DOCUMENTS} if operation.is_list else None)
            mistakes = server.contract.mistakes(operation.gives[JSON_TYPE], answer.document())
            came = "; ".join(mistakes[:3])
            yield answer.expect(not mistakes, came, f"the schema of {operation.id}")


@rule("one shape per resource")
def a_row_is_the_same_alone_as_in_its_list(server: Server) -> Iterator[Finding]:
    """A row of a list is the same document as the single resource."""
    for operation in server.contract.details:
        for row in spread(server.listed(operation.resource), EACH):
            answer = server.get(operation.path_of(row["id"]))
            alone = answer.document()
            other = sorted(name for name in {*row, *alone} if row.get(name) != alone.get(name))
            yield answer.expect(not other, f"other than in the list: {', '.join(other)}", "equal")


@rule("…_label")
def a_member_of_a_closed_set_has_its_label(server: Server) -> Iterator[Finding]:
    """Each member of a closed set has its label next to it, as in the contract."""
    for operation in server.contract.operations:
        if JSON_TYPE not in operation.gives:
            continue
        for path in server.examples(operation, 1):
            answer = server.get(path, {"limit": 1000} if operation.is_list else None)
            schema = operation.gives[JSON_TYPE]
            mistakes = list(_unlabelled(server.contract, schema, answer.document()))
            yield answer.expect(not mistakes, "; ".join(mistakes[:3]), "its label in Chinese")


def _unlabelled(contract: Contract, schema: Schema, instance: Any) -> Iterator[str]:
    schema = contract.meant(schema)
    if isinstance(instance, list):
        for one in instance:
            yield from _unlabelled(contract, schema.get("items", {}), one)
    elif isinstance(instance, dict):
        for name, part in schema.get("properties", {}).items():
            value, label = instance.get(name), instance.get(f"{name}_label")
            labels = contract.labels(part)
            if labels and labels.get(str(value)) != label:
                yield f"{name} {value}: {label}"
            yield from _unlabelled(contract, part, value)


@rule("Task.targets")
def a_task_holds_its_targets_whole(server: Server) -> Iterator[Finding]:
    """A target inside its task is identical to the single target, including the version."""
    alone = {row["id"]: row for row in server.listed("targets")}
    for task in server.listed("tasks"):
        other = [one["id"] for one in task["targets"] if one != alone.get(one["id"])]
        if task["targets"]:
            yield Finding(not other, f"GET /v1/tasks/{task['id']}", str(other), "as in /v1/targets")


@rule("ids: case-sensitive ASCII")
def an_id_is_ascii(server: Server) -> Iterator[Finding]:
    """Ids are printable ASCII without spaces, so they fit in any URL."""
    for operation in server.contract.details:
        rows = server.listed(operation.resource)
        other = [row["id"] for row in rows if not re.fullmatch(r"[!-~]+", row["id"])]
        if rows:
            answer = server.get(f"/v1/{operation.resource}")
            yield answer.expect(not other, other[:3], "letters, digits and signs of ASCII")


@rule("SectionRef, TaskRef, AgencyRef, PlatformRef")
def what_is_referred_to_is_there(server: Server) -> Iterator[Finding]:
    """A reference names a resource of its list, with the same name and code."""
    there = {
        "section": {row["id"]: (row["title"], row["code"]) for row in server.listed("sections")},
        "parent": {row["id"]: (row["title"], row["code"]) for row in server.listed("tasks")},
        "agency": {row["id"]: (row["name"], None) for row in server.listed("agencies")},
        "platform": {row["id"]: (row["name"], None) for row in server.listed("platforms")},
    }
    for resource in ("tasks", "targets"):
        for row in server.listed(resource):
            for kind, reference in _references(row):
                shown = reference.get("title", reference.get("name")), reference.get("code")
                known = there[kind].get(reference["id"])
                yield Finding(
                    known == shown, f"GET /v1/{resource}/{row['id']}", str(reference), str(known)
                )


def _references(row: Row) -> Iterator[tuple[str, Row]]:
    if row["section"]:
        yield "section", row["section"]
    for name in ("parent", "task"):
        if row.get(name):
            yield "parent", row[name]
    for assignment in row.get("assignments", ()):
        yield "agency", assignment["agency"]
    for agency in row.get("agencies", ()):
        yield "agency", agency
    for platform in row.get("platforms", ()):
        yield "platform", platform
