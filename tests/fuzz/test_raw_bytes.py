"""Whatever bytes come: no 500, every refusal a problem document, nothing of the inside told."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fuzz import corpus
from tests.fuzz.judging import EVERY, Case, judge_all, share
from tests.support.contract import resolved
from tests.support.raw import Raw, Service, asking

FEWEST_CASES = 9_000
FEWEST_ON_BOTH = 1_000
MOST_OPERATIONS = 3  # that get all values of one parameter
WRITTEN = ("/v1/reports", "/v1/measurements", "/v1/milestones", "/v1/assessments", "/v1/bulletins",
           "/v1/error-reports")  # fmt: skip
NOTHING = "nothing-has-this-id"  # where a notice alone has nothing to show


class Operation:
    """One operation of the contract, with a request that works."""

    def __init__(self, service: Service, path: str, method: str, found: dict[str, Any]) -> None:
        document = service.app.openapi()
        self.path, self.method = path, method.upper()
        parameters = [resolved(document, one) for one in found.get("parameters", ())]
        self.query = [one["name"] for one in parameters if one["in"] == "query"]
        self.in_header = [one["name"].lower() for one in parameters if one["in"] == "header"]
        self.in_path: dict[str, str] = {}
        for one in parameters:
            if one["in"] == "path":
                schema = resolved(document, one["schema"])
                listed = path.partition("/{")[0]
                if schema.get("type") == "integer":
                    self.in_path[one["name"]] = "1"
                    continue
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
        if path == "/v1/monitoring":  # whose filters must leave one plan
            self.needed["plan"] = b"gd-dg-2022"

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
            raw = Raw(path, operation.plain, operation.method)
            yield Case(operation.path, f"{name} in path", f"value: {what}", raw)
        for name in operation.query:
            query = operation.query_with(name, value)
            raw = Raw(operation.raw(), query, operation.method)
            yield Case(operation.path, name, f"value: {what}", raw)


def in_queries(operation: Operation) -> Iterator[Case]:
    for what, query in corpus.QUERIES.items():
        whole = b"&".join(filter(None, (operation.plain, query)))
        raw = Raw(operation.raw(), whole, operation.method)
        yield Case(operation.path, "query", what, raw)
    for name in operation.query:
        for most in (2, 1001):
            query = b"&".join([b"%b=1" % name.encode()] * most)
            raw = Raw(operation.raw(), query, operation.method)
            yield Case(operation.path, name, f"{most} times", raw)


def in_headers(operation: Operation) -> Iterator[Case]:
    names = {*corpus.HEADERS, *(name.encode() for name in operation.in_header)}
    for name in sorted(names):
        for what, value in corpus.HEADER_VALUES.items():
            headers = ((name, value),)
            raw = Raw(operation.raw(), operation.plain, operation.method, headers)
            yield Case(operation.path, name.decode(), what, raw)
        twice = ((name, b"a"), (name, b"b"))
        raw = Raw(operation.raw(), operation.plain, "GET", twice)
        yield Case(operation.path, name.decode(), "twice", raw)


def in_methods_and_bodies(operation: Operation) -> Iterator[Case]:
    for method in corpus.METHODS:
        raw = Raw(operation.raw(), operation.plain, method)
        yield Case(operation.path, "method", method, raw)
    for what, body in corpus.BODIES.items():
        for kind in (b"application/json", b"application/x-www-form-urlencoded"):
            headers = ((b"content-type", kind),)
            raw = Raw(operation.raw(), operation.plain, operation.method, headers, body)
            yield Case(operation.path, kind.decode(), f"body: {what}", raw)


def in_paths(_: object = None) -> Iterator[Case]:
    for what, path in corpus.PATHS.items():
        for method in ("GET", "HEAD", "OPTIONS", "POST"):
            yield Case(what, "path", method, Raw(path, b"", method))


@pytest.mark.parametrize(
    "make", [in_parameters, in_queries, in_headers, in_methods_and_bodies],
    ids=["parameters", "queries", "headers", "methods and bodies"],
)  # fmt: skip
def test_every_slot_of_every_operation(services: list[Service], make: Any) -> None:
    known = operations(services[0])
    assert known
    for operation in known:
        plain = Raw(operation.raw(), operation.plain, operation.method)
        # One plan is loaded here, and none before it: a comparison finds no other.
        reached = 422 if operation.path.endswith("/comparison") else 200
        # Nor has it pages: the notice came as text.
        is_nothing = NOTHING.encode() in plain.path or operation.path.endswith("/image")
        reached = 404 if is_nothing else reached
        assert services[0].ask(plain).status == reached, operation.path
    cases = share(case for operation in known for case in make(operation))
    if make is not in_parameters:  # no database reads headers, methods or bodies
        assert judge_all(services[:1], cases) == len(cases)
        return
    # A parameter is read alike wherever it is: the other database is asked once for each name,
    # unless the parameter is refused before.
    once = {id(one.raw) for one in {(case.slot, case.input): case for case in cases}.values()}
    with asking(services, services[0].app.state.database.engine) as ask_both:
        judged = judge_all(
            services,
            cases,
            lambda raw: ask_both(raw) if id(raw) in once else [services[0].ask(raw)],
        )
    assert judged > len(cases) + FEWEST_ON_BOTH / EVERY


def test_paths_of_no_operation(services: list[Service]) -> None:
    assert judge_all(services, in_paths()) == 2 * 4 * len(corpus.PATHS)


def test_the_corpus_is_not_small_and_nothing_of_it_is_left_out(services: list[Service]) -> None:
    makes = (in_parameters, in_queries, in_headers, in_methods_and_bodies)
    cases = 0
    for make in makes:
        whole = [case for one in operations(services[0]) for case in make(one)]
        sent = share(whole)
        assert {case.input for case in sent} == {case.input for case in whole}
        assert {case.slot for case in sent} == {case.slot for case in whole}
        cases += len(whole)
    assert cases > FEWEST_CASES
