"""Whatever bytes come: no 500, every refusal a problem document, nothing of the inside told."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from jsonschema import Draft202012Validator

from tests.conftest import ROOT
from tests.fuzz import corpus
from tests.fuzz.conftest import Answer, Ask, Raw, Service, asking

FEWEST_CASES = 9_000
FEWEST_ON_BOTH = 1_000
MOST_OPERATIONS = 3  # that get all values of one parameter
LONGEST_PROBLEM = 30_000  # bytes
INSIDE = re.compile(
    r"Traceback|File \"|sqlalchemy|sqlite3|asyncpg|psycopg|SELECT |site-packages|\.py\b"
    rf"|pydantic|starlette|0x[0-9a-f]{{8}}|/tmp/|{re.escape(str(ROOT))}"
)
PLAIN = re.compile(rb"[\x20-\x7e]*")
UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
REQUEST_ID = re.compile(rb"[0-9a-f-]{32,36}")
WRITTEN = ("/v1/reports", "/v1/measurements", "/v1/milestones", "/v1/assessments", "/v1/bulletins")
NOTHING = "nothing-has-this-id"  # where a notice alone has nothing to show
Case = tuple[str, Raw]


def resolve(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """What a `$ref` leads to."""
    while "$ref" in node:
        found: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        node = {**found, **{key: value for key, value in node.items() if key != "$ref"}}
    return node


class Operation:
    """One operation of the contract, with a request that works."""

    def __init__(self, service: Service, path: str, method: str, found: dict[str, Any]) -> None:
        document = service.app.openapi()
        self.path, self.method = path, method.upper()
        parameters = [resolve(document, one) for one in found.get("parameters", ())]
        self.query = [one["name"] for one in parameters if one["in"] == "query"]
        self.in_header = [one["name"].lower() for one in parameters if one["in"] == "header"]
        self.in_path: dict[str, str] = {}
        for one in parameters:
            if one["in"] == "path":
                schema = resolve(document, one["schema"])
                listed = path.partition("/{")[0]
                if listed in WRITTEN:
                    self.in_path[one["name"]] = NOTHING
                    continue
                self.in_path[one["name"]] = (
                    schema["enum"][0]
                    if "enum" in schema
                    else service.json(listed, "limit=1")["data"][0]["id"]
                )
        self.needed = {
            one["name"]: b"%E6%95%B0" if one["name"] == "q" else str(one["example"]).encode()
            for one in parameters
            if one["in"] == "query" and one.get("required")
        }

    def raw(self, **changed: bytes) -> bytes:
        """The path, one parameter changed."""
        path = self.path.encode()
        for name, value in self.in_path.items():
            path = path.replace(b"{%b}" % name.encode(), changed.get(name, value.encode()))
        return path

    def query_with(self, name: str, value: bytes) -> bytes:
        given = {**self.needed, name: value}
        return b"&".join(b"%b=%b" % (key.encode(), one) for key, one in given.items())

    @property
    def plain(self) -> bytes:
        return b"&".join(b"%b=%b" % (key.encode(), one) for key, one in self.needed.items())


def operations(service: Service) -> list[Operation]:
    """All that read; a parameter is tried where it is first met, since all read it alike."""
    found = [
        Operation(service, path, method, found)
        for path, found_at in service.app.openapi()["paths"].items()
        for method, found in found_at.items()
        if method == "get" and not found["security"]  # test_raw_bodies.py has those with a key
    ]
    met: Counter[str] = Counter()
    for operation in found:
        met.update(operation.query)
        operation.query = [name for name in operation.query if met[name] <= MOST_OPERATIONS]
    return found


def in_parameters(operation: Operation) -> Iterator[Case]:
    for what, value in corpus.VALUES.items():
        for name in operation.in_path:
            path = operation.raw(**{name: value})
            yield f"{name} in path: {what}", Raw(path, operation.plain, operation.method)
        for name in operation.query:
            query = operation.query_with(name, value)
            yield f"{name}: {what}", Raw(operation.raw(), query, operation.method)


def in_queries(operation: Operation) -> Iterator[Case]:
    for what, query in corpus.QUERIES.items():
        whole = b"&".join(filter(None, (operation.plain, query)))
        yield f"query: {what}", Raw(operation.raw(), whole, operation.method)
    for name in operation.query:
        for most in (2, 1001):
            query = b"&".join([b"%b=1" % name.encode()] * most)
            yield f"{name} {most} times", Raw(operation.raw(), query, operation.method)


def in_headers(operation: Operation) -> Iterator[Case]:
    names = {*corpus.HEADERS, *(name.encode() for name in operation.in_header)}
    for name in sorted(names):
        for what, value in corpus.HEADER_VALUES.items():
            headers = ((name, value),)
            raw = Raw(operation.raw(), operation.plain, operation.method, headers)
            yield f"{name.decode()}: {what}", raw
        twice = ((name, b"a"), (name, b"b"))
        yield f"{name.decode()} twice", Raw(operation.raw(), operation.plain, "GET", twice)


def in_methods_and_bodies(operation: Operation) -> Iterator[Case]:
    for method in corpus.METHODS:
        yield f"method {method[:9]}", Raw(operation.raw(), operation.plain, method)
    for what, body in corpus.BODIES.items():
        for kind in (b"application/json", b"application/x-www-form-urlencoded"):
            headers = ((b"content-type", kind),)
            raw = Raw(operation.raw(), operation.plain, operation.method, headers, body)
            yield f"body: {what}", raw


def in_paths(_: object = None) -> Iterator[Case]:
    for what, path in corpus.PATHS.items():
        for method in ("GET", "HEAD", "OPTIONS", "POST"):
            yield f"{method} path: {what}", Raw(path, b"", method)


@lru_cache(maxsize=256)
def is_decodable(encoded: bytes) -> bool:
    """Whether it is percent-encoded UTF-8."""
    if re.search(rb"%(?![0-9A-Fa-f][0-9A-Fa-f])", encoded):
        return False
    try:
        return isinstance(unquote_to_bytes(encoded).decode("utf-8", "strict"), str)
    except UnicodeDecodeError:
        return False


class Judge:
    """What must hold of every answer."""

    def __init__(self, document: dict[str, Any]) -> None:
        problem = dict(document["components"]["schemas"]["Problem"])
        problem["additionalProperties"] = False
        components = document["components"]
        self.problem = Draft202012Validator({**problem, "components": components})
        self.valid: set[str] = set()
        self.cases = 0

    def faults(self, raw: Raw, answer: Answer) -> Iterator[str]:
        """What is wrong with an answer."""
        self.cases += 1
        if answer.crashed is not None:
            yield f"raised {answer.crashed!r}"
        if not 200 <= answer.status < 500:
            yield f"status {answer.status}"
        for name, value in answer.headers:
            if not PLAIN.fullmatch(name + value):
                yield f"unsafe header {name!r}: {value[:80]!r}"
            if name != b"link" and corpus.CANARY in value:
                yield f"echo in header {name!r}"
        if not (is_decodable(raw.path) and is_decodable(raw.query)) and answer.status != 400:
            yield f"status {answer.status} for what cannot be decoded"
        if not REQUEST_ID.fullmatch(answer.header(b"x-request-id") or b""):
            yield "no request id of its own"
        if answer.status >= 400 and raw.method != "HEAD":
            yield from self._faults_of_problem(answer)
        elif corpus.CANARY in answer.body and raw.method not in ("POST", "PATCH"):
            # But for the ids that were asked for and are not there.
            rest = re.sub(rb'"missing":\[(?:"(?:[^"\\]|\\.)*",?)*\]', b"", answer.body)
            if corpus.CANARY in rest:
                yield "echo in the body"

    def _faults_of_problem(self, answer: Answer) -> Iterator[str]:
        if answer.header(b"content-type") != b"application/problem+json":
            yield f"content-type {answer.header(b'content-type')!r}"
            return
        problem = json.loads(answer.body)
        kind = json.dumps({**problem, "request_id": len(problem["request_id"])})
        if kind not in self.valid:  # the same again is as valid
            for error in self.problem.iter_errors(problem):
                yield f"not a Problem: {error.message[:100]}"
            self.valid.add(kind)
        if problem["status"] != answer.status:
            yield f"says {problem['status']}, is {answer.status}"
        if len(answer.body) > LONGEST_PROBLEM:
            yield f"{len(answer.body)} bytes"
        # A path that was asked for is named, up to a length, in ASCII; so is an unknown parameter.
        if len(problem["instance"]) > 300:
            yield "long instance"
        names = [error.pop("name") for error in problem["errors"]]
        if any(len(name) > 60 for name in names):
            yield "long name"
        instance = problem.pop("instance")
        if not instance.replace("\ufffd", "").isascii():
            yield "instance is not ASCII"
        words = json.dumps(problem, ensure_ascii=False)
        if corpus.CANARY.decode() in words:
            yield "echo in the problem"
        if found := UNSAFE.search(words + instance + "".join(names)):
            yield f"unsafe character {found[0]!r}"
        if found := INSIDE.search(words):
            yield f"tells of the inside: {found[0]}"


def same(one: Answer, other: Answer) -> bool:
    """But for the request id."""
    if one.status != other.status:
        return False
    if one.body == other.body:
        return True
    if one.status < 400:
        return False
    first, second = json.loads(one.body), json.loads(other.body)
    return {**first, "request_id": ""} == {**second, "request_id": ""}


def judge_all(
    services: list[Service], cases: Iterator[Case], ask: Ask | None = None, most_shown: int = 20
) -> int:
    """Each case on each database; fails with what was found, gives the number of answers."""
    judge = Judge(services[0].app.openapi())
    found = []
    for what, raw in cases:
        answers = ask(raw) if ask else [service.ask(raw) for service in services]
        where = f"{raw.method[:9]} {raw.path[:60]!r} {what}"
        for service, answer in zip(services, answers, strict=False):
            found += [f"{service.kind} {where}: {fault}" for fault in judge.faults(raw, answer)]
        if not all(same(answers[0], other) for other in answers[1:]):
            found.append(f"{where}: {[(a.status, a.body[:300]) for a in answers]}")
    assert not found, f"{len(found)} findings\n" + "\n".join(found[:most_shown])
    return judge.cases


@pytest.mark.parametrize(
    "make", [in_parameters, in_queries, in_headers, in_methods_and_bodies],
    ids=["parameters", "queries", "headers", "methods and bodies"],
)  # fmt: skip
def test_every_slot_of_every_operation(services: list[Service], make: Any) -> None:
    known = operations(services[0])
    assert known
    for operation in known:
        plain = Raw(operation.raw(), operation.plain, operation.method)
        reached = 404 if NOTHING.encode() in plain.path else 200
        assert services[0].ask(plain).status == reached, operation.path
    cases = [case for operation in known for case in make(operation)]
    if make is not in_parameters:  # no database reads headers, methods or bodies
        assert judge_all(services[:1], iter(cases)) == len(cases)
        return
    # A parameter is read alike wherever it is: the other database is asked once for each name,
    # unless the parameter is refused before.
    once = {id(raw) for raw in dict(cases).values()}
    with asking(services, services[0].app.state.database.engine) as ask_both:
        judged = judge_all(
            services,
            iter(cases),
            lambda raw: ask_both(raw) if id(raw) in once else [services[0].ask(raw)],
        )
    assert judged > len(cases) + FEWEST_ON_BOTH


def test_paths_of_no_operation(services: list[Service]) -> None:
    assert judge_all(services, in_paths()) == 2 * 4 * len(corpus.PATHS)


def test_the_corpus_is_not_small(services: list[Service]) -> None:
    makes = (in_parameters, in_queries, in_headers, in_methods_and_bodies)
    cases = sum(1 for one in operations(services[0]) for make in makes for _ in make(one))
    assert cases > FEWEST_CASES
