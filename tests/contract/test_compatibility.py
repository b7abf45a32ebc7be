"""What breaks clients is refused, what does not passes, and the message says where and why."""

import copy
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from compatibility.__main__ import main
from compatibility.comparing import breakages
from compatibility.documents import Document
from tests.support import ROOT

TODAY = date(2026, 11, 24)
Node = dict[str, Any]
Change = Callable[[Node], object]

BASE: Node = yaml.safe_load("""
openapi: 3.1.0
info: {title: T, version: 1.4.0}
servers: [{url: https://api.example/base}]
paths:
  /tasks:
    get:
      operationId: listTasks
      tags: [tasks]
      security: []
      parameters:
      - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 1000, default: 100}}
      - {name: q, in: query, schema: {type: string, minLength: 1, maxLength: 200}}
      - {name: role, in: query, style: form, explode: true, schema: {type: array, maxItems: 9, items: {$ref: '#/components/schemas/Role'}}}
      - {name: sort, in: query, schema: {$ref: '#/components/schemas/Sort'}}
      - {name: year, in: query, required: true, schema: {type: integer}}
      responses:
        '200':
          description: ok
          headers: {ETag: {required: true, schema: {type: string}}}
          content:
            application/json: {schema: {$ref: '#/components/schemas/TaskPage'}}
            text/csv: {schema: {type: string}}
        '304': {description: same}
        '404': {$ref: '#/components/responses/NotFound'}
    post:
      operationId: addTask
      tags: [tasks]
      security: [{key: [write]}]
      requestBody:
        content:
          application/json: {schema: {$ref: '#/components/schemas/NewTask'}}
          text/plain: {schema: {type: string}}
      responses:
        '201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Task'}}}}
  /tasks/{id}:
    get:
      operationId: getTask
      tags: [tasks]
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Task'}}}}
components:
  securitySchemes: {key: {type: http, scheme: bearer}}
  responses:
    NotFound: {description: none, content: {application/problem+json: {schema: {$ref: '#/components/schemas/Problem'}}}}
  schemas:
    Role: {type: string, enum: [lead, support]}
    Sort: {type: string, enum: [title, due_on]}
    Status: {type: string, enum: [open, done]}
    Problem: {type: object, required: [type], properties: {type: {type: string}}}
    TaskPage:
      type: object
      required: [data, next]
      properties:
        data: {type: array, items: {$ref: '#/components/schemas/Task'}}
        next: {type: [string, 'null']}
    Task:
      type: object
      required: [id, title, count, due_on, status, parent]
      properties:
        id: {type: string}
        title: {type: string}
        count: {type: integer}
        due_on: {type: string, format: date}
        status: {$ref: '#/components/schemas/Status'}
        parent: {anyOf: [{$ref: '#/components/schemas/Task'}, {type: 'null'}]}
        old: {type: string, deprecated: true, x-sunset: '2026-01-01'}
    NewTask:
      type: object
      required: [title]
      properties:
        title: {type: string, maxLength: 100}
        note: {type: [string, 'null']}
        count: {type: number}
""")


def operation(document: Node, path: str = "/tasks", method: str = "get") -> Node:
    found: Node = document["paths"][path][method]
    return found


def parameter(document: Node, name: str) -> Node:
    found: Node = next(p for p in operation(document)["parameters"] if p["name"] == name)
    return found


def schema(document: Node, name: str, field: str | None = None) -> Node:
    found: Node = document["components"]["schemas"][name]
    return found["properties"][field] if field else found


def ok(document: Node) -> Node:
    found: Node = operation(document)["responses"]["200"]
    return found


def limits(name: str, **changes: Any) -> Change:
    return lambda d: parameter(d, name)["schema"].update(changes)


def without(name: str) -> Change:
    def change(d: Node) -> None:
        kept = [p for p in operation(d)["parameters"] if p["name"] != name]
        operation(d)["parameters"] = kept

    return change


def more(**new: Any) -> Change:
    return lambda d: operation(d)["parameters"].append({"in": "query", **new})


def field(name: str, new: Node | None, of: str = "Task") -> Change:
    """A field of a schema as something else, or gone."""

    def change(d: Node) -> None:
        if new is None:
            schema(d, of)["properties"].pop(name)
            schema(d, of)["required"] = [r for r in schema(d, of)["required"] if r != name]
        else:
            schema(d, of)["properties"][name] = new

    return change


def renamed_field(d: Node) -> None:
    properties = schema(d, "Task")["properties"]
    properties["heading"] = properties.pop("title")
    schema(d, "Task")["required"][1] = "heading"


def renamed_schema(d: Node) -> None:
    d["components"]["schemas"]["State"] = d["components"]["schemas"].pop("Status")
    schema(d, "Task", "status")["$ref"] = "#/components/schemas/State"


def renamed_path(d: Node) -> None:
    d["paths"]["/jobs"] = d["paths"].pop("/tasks")


STRING = {"type": "string"}
BREAKING: dict[str, tuple[Change, str]] = {
    "a removed path": (lambda d: d["paths"].pop("/tasks/{id}"), "/tasks/{id}"),
    "a renamed path": (renamed_path, "/tasks"),
    "a removed method": (lambda d: d["paths"]["/tasks"].pop("post"), "POST /tasks"),
    "another operationId": (lambda d: operation(d).update(operationId="tasks"), "operationId"),
    "another tag": (lambda d: operation(d).update(tags=["jobs"]), "tag"),
    "a removed parameter": (without("q"), "`q`"),
    "a renamed parameter": (lambda d: parameter(d, "q").update(name="query"), "`q`"),
    "a parameter in another place": (lambda d: parameter(d, "q").update({"in": "header"}), "`q`"),
    "a parameter that must be there": (lambda d: parameter(d, "q").update(required=True), "`q`"),
    "a new parameter that must be there": (more(name="x", required=True, schema=STRING), "`x`"),
    "a parameter of another type": (limits("q", type="integer"), "`q`"),
    "a list that became one value": (
        lambda d: parameter(d, "role").update(schema={"$ref": "#/components/schemas/Role"}),
        "`role`",
    ),
    "one value that became a list": (limits("q", type="array", items=STRING), "`q`"),
    "lists written in another way": (
        lambda d: parameter(d, "role").update(explode=False),
        "`role`",
    ),
    "a value of a filter removed": (lambda d: schema(d, "Role")["enum"].remove("lead"), "'lead'"),
    "a value of an order removed": (lambda d: schema(d, "Sort")["enum"].remove("title"), "'title'"),
    "a least that rose": (limits("limit", minimum=2), "`limit`"),
    "a most that fell": (limits("limit", maximum=500), "`limit`"),
    "a shortest that rose": (limits("q", minLength=2), "`q`"),
    "a longest that fell": (limits("q", maxLength=100), "`q`"),
    "fewer values at once": (limits("role", maxItems=3), "`role`"),
    "a new pattern": (limits("q", pattern="^a"), "`q`"),
    "free values that became an enum": (limits("q", enum=["a", "b"]), "`q`"),
    "another default": (limits("limit", default=50), "`limit`"),
    "no default": (lambda d: parameter(d, "limit")["schema"].pop("default"), "`limit`"),
    "a new format of a parameter": (limits("q", format="date"), "`q`"),
    "a body that must be there": (
        lambda d: operation(d, method="post")["requestBody"].update(required=True),
        "POST /tasks",
    ),
    "a form of body removed": (
        lambda d: operation(d, method="post")["requestBody"]["content"].pop("text/plain"),
        "text/plain",
    ),
    "a field of a body that must be there": (
        lambda d: schema(d, "NewTask")["required"].append("note"),
        "`note`",
    ),
    "a field of a body removed": (field("note", None, "NewTask"), "`note`"),
    "a field of a body never null": (field("note", STRING, "NewTask"), "`note`"),
    "a field of a body narrowed": (field("count", {"type": "integer"}, "NewTask"), "`count`"),
    "a shorter field of a body": (
        lambda d: schema(d, "NewTask", "title").update(maxLength=10),
        "`title`",
    ),
    "a closed body": (lambda d: schema(d, "NewTask").update(additionalProperties=False), "NewTask"),
    "a status of success removed": (lambda d: operation(d)["responses"].pop("200"), "200"),
    "a 304 removed": (lambda d: operation(d)["responses"].pop("304"), "304"),
    "a problem removed": (lambda d: operation(d)["responses"].pop("404"), "404"),
    "a form of answer removed": (lambda d: ok(d)["content"].pop("text/csv"), "text/csv"),
    "a header removed": (lambda d: ok(d)["headers"].pop("ETag"), "ETag"),
    "a header that may be missing": (lambda d: ok(d)["headers"]["ETag"].pop("required"), "ETag"),
    "a field of an answer removed": (field("title", None), "`title`"),
    "a field of an answer renamed": (renamed_field, "`title` was renamed to `heading`"),
    "a field of another type": (field("count", STRING), "`count`"),
    "a whole number that may have parts": (field("count", {"type": "number"}), "`count`"),
    "a field of another format": (field("due_on", {**STRING, "format": "date-time"}), "`due_on`"),
    "a field that may be null": (field("title", {"type": ["string", "null"]}), "`title`"),
    "a field that may be missing": (
        lambda d: schema(d, "Task")["required"].remove("title"),
        "`title`",
    ),
    "items that may be null": (
        lambda d: schema(d, "TaskPage", "data").update(
            items={"anyOf": [{"$ref": "#/components/schemas/Task"}, {"type": "null"}]}
        ),
        "`data`",
    ),
    "items of another type": (
        lambda d: schema(d, "TaskPage", "data").update(items=STRING),
        "`data`",
    ),
    "a value of an answer removed": (
        lambda d: schema(d, "Status")["enum"].remove("done"),
        "'done'",
    ),
    "a value of an answer added": (lambda d: schema(d, "Status")["enum"].append("late"), "'late'"),
    "a renamed type": (renamed_schema, "Status"),
    "a key that is needed": (lambda d: operation(d).update(security=[{"key": []}]), "GET /tasks"),
    "one more scope": (
        lambda d: operation(d, method="post").update(security=[{"key": ["write", "admin"]}]),
        "POST /tasks",
    ),
    "another base path": (lambda d: d["servers"][0].update(url="https://api.example/v2"), "server"),
}

COMPATIBLE: dict[str, Change] = {
    "nothing": lambda d: None,
    "a new path": lambda d: d["paths"].update({"/new": d["paths"]["/tasks/{id}"]}),
    "a new method": lambda d: d["paths"]["/tasks/{id}"].update(
        put={**operation(d, method="post"), "operationId": "putTask"}
    ),
    "a new parameter": more(name="x", schema=STRING),
    "a parameter that may be missing": lambda d: parameter(d, "year").pop("required"),
    "a most that rose": limits("limit", maximum=2000),
    "no most": lambda d: parameter(d, "limit")["schema"].pop("maximum"),
    "a least that fell": limits("limit", minimum=0),
    "one more order": lambda d: schema(d, "Sort")["enum"].append("code"),
    "a new field of an answer": field("code", STRING),
    "a new field of a body": field("code", STRING, "NewTask"),
    "a field of a body widened": field("note", {"type": ["string", "null", "number"]}, "NewTask"),
    "a field never null": lambda d: schema(d, "TaskPage").update(
        properties={**schema(d, "TaskPage")["properties"], "next": STRING}
    ),
    "a new problem": lambda d: operation(d)["responses"].update({"410": {"description": "gone"}}),
    "a new form of answer": lambda d: ok(d)["content"].update({"application/xml": {}}),
    "a new header": lambda d: ok(d)["headers"].update({"Link": {"schema": STRING}}),
    "other words": lambda d: operation(d).update(summary="new", description="new"),
    "a deprecation": lambda d: operation(d).update(deprecated=True),
    "a new schema": lambda d: d["components"]["schemas"].update({"New": STRING}),
    "what has ended": lambda d: schema(d, "Task")["properties"].pop("old"),
    "null said in another way": field(
        "parent", {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Task"}]}
    ),
    "a shared parameter": lambda d: (
        d["components"].update({"parameters": {"Q": dict(parameter(d, "q"))}}),
        operation(d)["parameters"].__setitem__(1, {"$ref": "#/components/parameters/Q"}),
    ),
    "no key": lambda d: operation(d, method="post").update(security=[]),
}


def judged(change: Change, base: Node = BASE) -> list[str]:
    proposed = copy.deepcopy(base)
    change(proposed)
    found = breakages(Document(base), Document(proposed), TODAY)
    return [str(breakage) for breakage in found]


@pytest.mark.parametrize("kind", list(BREAKING))
def test_what_breaks_clients_is_refused(kind: str) -> None:
    change, place = BREAKING[kind]
    found = judged(change)
    assert found, kind
    assert any(place in " ".join(one.split()) for one in found), found
    assert all("why:" in one and "instead:" in one for one in found)


@pytest.mark.parametrize("kind", list(COMPATIBLE))
def test_what_only_adds_passes(kind: str) -> None:
    assert judged(COMPATIBLE[kind]) == []


@pytest.mark.parametrize(
    ("before", "after", "in_requests", "in_answers"),
    [
        ("^[a-f]+$", "^[a-g]+$", [], ["changed from '^[a-f]+$' to '^[a-g]+$'"]),
        ("^[a-g]+$", "^[a-f]+$", ["changed from '^[a-g]+$' to '^[a-f]+$'"], []),
        (None, "^a$", ["'^a$' was added"], []),
        ("^a$", None, [], ["'^a$' was removed"]),
    ],
)
def test_a_pattern_may_widen_in_requests_and_narrow_in_answers(
    before: str | None, after: str | None, in_requests: list[str], in_answers: list[str]
) -> None:
    def with_pattern(pattern: str | None, component: str) -> Node:
        document = copy.deepcopy(BASE)
        if pattern:
            schema(document, component, "title")["pattern"] = pattern
        return document

    for component, changes in (("NewTask", in_requests), ("Task", in_answers)):
        released, proposed = (Document(with_pattern(one, component)) for one in (before, after))
        found = [one.what for one in breakages(released, proposed, TODAY)]
        assert found == [f"`pattern` {change}" for change in changes]


@settings(max_examples=25)
@given(st.randoms(use_true_random=False))
def test_order_is_no_change(chance: Any) -> None:
    def shuffled(node: Any) -> Any:
        if isinstance(node, dict):
            keys = list(node)
            chance.shuffle(keys)
            return {key: shuffled(node[key]) for key in keys}
        return [shuffled(one) for one in node] if isinstance(node, list) else node

    found = breakages(Document(BASE), Document(shuffled(BASE)), TODAY)
    assert found == []


@pytest.mark.parametrize("version", ["0.6.1", "0.7.0", "1.0.0"])
def test_no_version_may_break(tmp_path: Path, version: str) -> None:
    contract = copy.deepcopy(BASE)
    released, proposed = tmp_path / "released.json", tmp_path / "proposed.json"
    released.write_text(json.dumps(contract), "utf-8")
    contract["info"]["version"] = version
    given_files = ["--released", str(released), "--proposed", str(proposed)]
    proposed.write_text(json.dumps(contract), "utf-8")
    assert main(given_files) == 0
    schema(contract, "Task")["required"].remove("title")
    proposed.write_text(json.dumps(contract), "utf-8")
    assert main(given_files) == 1


def test_a_removed_field_of_this_contract_is_refused_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    contract = yaml.load((ROOT / "openapi.yaml").read_text("utf-8"), yaml.CSafeLoader)
    released, proposed = tmp_path / "released.json", tmp_path / "proposed.json"
    released.write_text(json.dumps(contract), "utf-8")
    del schema(contract, "Task")["properties"]["citation"]
    proposed.write_text(json.dumps(contract), "utf-8")
    nothing = tmp_path / "allowed.yaml"
    nothing.write_text("[]", "utf-8")
    given_files = [
        "--released",
        str(released),
        "--proposed",
        str(proposed),
        "--allowed",
        str(nothing),
    ]
    assert main(given_files) == 1
    said = capsys.readouterr().out
    assert "schema Task (in answers), field `citation`\n  was removed" in said
    assert "1 breaking" in said


@pytest.fixture
def without_title(tmp_path: Path) -> Callable[[str], int]:
    """Judges the removal of a field under a list of allowed breaks."""
    contract = copy.deepcopy(BASE)
    files = {name: tmp_path / f"{name}.json" for name in ("released", "proposed", "allowed")}
    files["released"].write_text(json.dumps(contract), "utf-8")
    del schema(contract, "Task")["properties"]["title"]
    schema(contract, "Task")["required"].remove("title")
    files["proposed"].write_text(json.dumps(contract), "utf-8")
    arguments = [part for name, file in files.items() for part in (f"--{name}", str(file))]

    def judge(allowed: str) -> int:
        files["allowed"].write_text(allowed, "utf-8")
        return main(arguments)

    return judge


def test_no_break_is_allowed_by_name(
    without_title: Callable[[str], int], capsys: pytest.CaptureFixture[str]
) -> None:
    name = "schema Task (in answers), field `title`: was removed"
    assert without_title("[]") == 1
    assert without_title(yaml.dump([{"clients": "-", "breaks": [name]}])) == 1
    assert "since 0.6.0 none is allowed" in capsys.readouterr().out


@pytest.mark.parametrize(
    "text", ["", "a: b", "{", "[1]", "[{breaks: [x]}]", "[{clients: x, breaks: []}]"]
)
def test_a_list_of_allowed_breaks_says_what_clients_do(
    without_title: Callable[[str], int], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert without_title(text) == 2
    assert "is no list of allowed breaks" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "[]", "a: b", "{", "openapi: 2.0.0"])
def test_what_is_no_contract_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    released, file = tmp_path / "released.json", tmp_path / "x.yaml"
    released.write_text(json.dumps(BASE), "utf-8")
    file.write_text(text, "utf-8")
    assert main(["--released", str(released), "--proposed", str(file)]) == 2
    assert str(file) in capsys.readouterr().err
