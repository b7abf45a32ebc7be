"""Whatever bytes are written: no 500, every refusal a problem document, and all goes on reading."""

import dataclasses
import itertools
import json
import re
from collections.abc import Iterator
from operator import attrgetter
from typing import Any

import pytest

from app.writing.permissions import PERMISSIONS
from tests.fuzz import corpus
from tests.fuzz.judging import EVERY, Case, judge_all, share
from tests.support import PLAN
from tests.support.contract import resolved
from tests.support.practice import (
    SIGNING_SECRET,
    TASK,
    a_bulletin,
    a_report,
    a_resolution,
    a_webhook,
    an_assessment,
)
from tests.support.raw import Raw, Service, asking

FEWEST_CASES = 500
FEWEST_ON_BOTH = 40
IDS = {
    "tasks": TASK,
    "reports": f"{TASK}-r1",
    "targets": f"{TASK}-k1",
    "measurements": f"{TASK}-k1-v1",
    "milestones": f"{TASK}-m1",
    "assessments": f"{PLAN}-a1",
    "bulletins": f"{PLAN}-b1",
    "error-reports": "error-2",
    "webhooks": "webhook-1",
}
BODIES: dict[str, Any] = {
    "ReportSubmission": a_report(
        as_of="2022-05-31", evidence=[], reason="试验", replaces=f"{TASK}-r1"
    ),
    "WithdrawalSubmission": {"reason": "试验"},
    "MeasurementSubmission": {
        "as_of": "2022-05-31",
        "value": 2,
        "unit": "个",
        "method": "试验",
        "evidence": [],
        "replaces": f"{TASK}-k1-v1",
    },
    "MilestoneSubmission": {"title": "试验", "due_on": "2022-09-30"},
    "AssessmentSubmission": an_assessment(
        score={"value": 1.5, "maximum": 100}, evidence=[], replaces=f"{PLAN}-a1"
    ),
    "BulletinSubmission": a_bulletin(
        refers_to=[{"resource": "report", "id": f"{TASK}-r1"}], evidence=[], replaces=f"{PLAN}-b1"
    ),
    "ResolutionSubmission": a_resolution(publish_message=True),
    "MilestoneChangeSubmission": {"kind": "moved", "day": "2022-10-31", "reason": "试验"},
    "WebhookSubmission": a_webhook(format="standard"),
    "WebhookChangeSubmission": {
        "enabled": True,
        "events": ["report.created"],
        "secret": SIGNING_SECRET,
    },
}
WRITING = [name for name in PERMISSIONS if not name.startswith(("get", "list"))]
numbers = itertools.count()
IN_PATH = re.compile(r"\{\w+\}")


def with_id(open_path: bytes, value: bytes) -> bytes:
    """A path with its id, whatever that is called."""
    before, _, rest = open_path.partition(b"{")
    return before + value + rest.partition(b"}")[2]


class Private:
    """An operation that reads with a key."""

    def __init__(
        self, document: dict[str, Any], path: str, found: dict[str, Any], keys: dict[str, str]
    ) -> None:
        self.name: str = found["operationId"]
        self.open_path = path.encode()
        self.path = IN_PATH.sub(IDS[path.split("/")[2]], path).encode()
        self.key = keys[next(iter(PERMISSIONS[found["operationId"]].roles))]
        parameters = [resolved(document, one) for one in found["parameters"]]
        self.query = [one["name"] for one in parameters if one["in"] == "query"]

    def cases(self) -> Iterator[Case]:
        key = (b"authorization", b"Bearer " + self.key.encode())
        yield Case(self.name, "all", "as it is", Raw(self.path, headers=(key,)))
        for what, value in corpus.VALUES.items():
            for name in (*self.query, "unknown"):
                query = b"%b=%b" % (name.encode(), value)
                raw = Raw(self.path, query, headers=(key,))
                yield Case(self.name, name, f"value: {what}", raw)
            if b"{" in self.open_path:
                path = with_id(self.open_path, value)
                raw = Raw(path, headers=(key,))
                yield Case(self.name, "id in path", f"value: {what}", raw)
        for what, query in corpus.QUERIES.items():
            yield Case(self.name, "query", what, Raw(self.path, query, headers=(key,)))
        for what, value in corpus.HEADER_VALUES.items():
            for header in (b"if-none-match", b"accept", b"accept-language"):
                raw = Raw(self.path, headers=(key, (header, value)))
                yield Case(self.name, header.decode(), f"header: {what}", raw)


class Writing:
    """An operation that writes, with a request that could work."""

    def __init__(
        self,
        document: dict[str, Any],
        path: str,
        method: str,
        found: dict[str, Any],
        keys: dict[str, str],
    ) -> None:
        self.name: str = found["operationId"]
        self.method, of = method.upper(), path.split("/")[2]
        self.resource = path.split("/")[-1]
        self.path = IN_PATH.sub(IDS[of], path).encode()
        self.open_path = path.encode()
        self.key = keys[next(iter(PERMISSIONS[found["operationId"]].roles))]
        schema = found["requestBody"]["content"]["application/json"]["schema"]
        self.body = BODIES[schema["$ref"].rpartition("/")[2]]
        self.members = list(resolved(document, schema)["properties"])

    def raw(self, body: bytes | None = None, path: bytes = b"", **headers: bytes) -> Raw:
        """A request with its own Idempotency-Key."""
        given = {
            "authorization": b"Bearer " + self.key.encode(),
            "content-type": b"application/json",
            "idempotency-key": b"bytes-%d" % next(numbers),
            "if-match": b"*",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        sent = json.dumps(self.body).encode() if body is None else body
        names = tuple((name.encode(), value) for name, value in given.items())
        return Raw(path or self.path, b"", self.method, names, sent)

    def with_member(self, name: str, value: bytes) -> bytes:
        marked = json.dumps({**self.body, name: "MARK"}, ensure_ascii=False).encode()
        return marked.replace(b'"MARK"', value)


def cases(writing: Writing) -> Iterator[Case]:
    for what, value in corpus.MEMBERS.items():
        for name in (*writing.members, "unknown"):
            raw = writing.raw(writing.with_member(name, value))
            yield Case(writing.name, name, f"member: {what}", raw)
    for what, body in corpus.BODIES.items():
        yield Case(writing.name, "body", f"body: {what}", writing.raw(body))
    for what, value in corpus.HEADER_VALUES.items():
        for name in ("authorization", "idempotency_key", "if_match", "content_type"):
            raw = writing.raw(**{name: value})
            yield Case(writing.name, f"header {name}", f"header: {what}", raw)
    for what, value in corpus.VALUES.items():
        if b"{" in writing.open_path:
            path = with_id(writing.open_path, value)
            raw = writing.raw(path=path)
            yield Case(writing.name, "id in path", f"value: {what}", raw)
    for what, query in corpus.QUERIES.items():
        raw = dataclasses.replace(writing.raw(), query=query)
        yield Case(writing.name, "query", f"query: {what}", raw)


def read_all(service: Service, document: dict[str, Any]) -> None:
    """What was taken can be read, everywhere."""
    for path, item in document["paths"].items():
        get = item.get("get", {"security": True})
        if not get["security"] and "list" in get["operationId"] and "{" not in path:
            forms = ("json", "ndjson", "csv", "xlsx") if "text/csv" in str(item) else ("",)
            for form in forms:
                query = f"format={form}" if form else ""
                asked = Raw(path.encode(), query.encode())
                answer = service.ask(asked)  # an export may fail after its status
                assert (answer.status, answer.crashed) == (200, None), (path, form)
    for resource in ("reports", "measurements", "milestones", "assessments", "bulletins"):
        for row in service.json(f"/v1/{resource}", "limit=1000")["data"]:
            assert service.ask(Raw(f"/v1/{resource}/{row['id']}".encode())).status == 200


def test_every_slot_of_every_operation_that_reads_with_a_key(
    writable: tuple[list[Service], dict[str, str]],
) -> None:
    services, keys = writable
    document = services[0].app.openapi()
    known = [
        Private(document, path, item["get"], keys)
        for path, item in document["paths"].items()
        if item.get("get", {}).get("security")
    ]
    assert known
    for private in known:
        assert services[0].ask(next(private.cases()).raw).status == 200
    cases = share(case for private in known for case in private.cases())
    assert judge_all(services, cases) == len(services) * len(cases)


@pytest.fixture(scope="module")
def written(
    writable: tuple[list[Service], dict[str, str]],
) -> Iterator[dict[str, tuple[Writing, list[Case]]]]:
    """Every operation that writes, with its share of the cases of all; in the end, all is read."""
    services = writable[0]
    document = services[0].app.openapi()
    known = [
        Writing(document, path, method, found, writable[1])
        for path, item in document["paths"].items()
        for method, found in item.items()
        if found["operationId"] in WRITING
    ]
    whole = {writing.name: list(cases(writing)) for writing in known}
    assert min(map(len, whole.values())) > FEWEST_CASES / 2
    sent = share(case for made in whole.values() for case in made)
    for attribute in ("input", "slot"):
        of = attrgetter(attribute)
        assert set(map(of, sent)) == {of(case) for made in whole.values() for case in made}
    yield {
        writing.name: (writing, [case for case in sent if case.operation == writing.name])
        for writing in known
    }
    for service in services:
        read_all(service, document)


@pytest.mark.parametrize("operation", WRITING)
def test_every_slot_of_an_operation_that_writes(
    writable: tuple[list[Service], dict[str, str]],
    written: dict[str, tuple[Writing, list[Case]]],
    operation: str,
) -> None:
    services = writable[0]
    writing, made = written[operation]
    # Whose key it is, and the line in the audit log, are asked also for a body that is no JSON.
    engine = services[0].app.state.writer.engine
    with asking(services, engine, writing.raw(b"{")) as ask:
        judged = judge_all(services, made, ask)
    assert judged > len(made) + FEWEST_ON_BOTH / EVERY
    for service in services:
        if operation.startswith("create") and writing.resource != "webhooks":
            assert len(service.json(f"/v1/{writing.resource}")["data"]) > 1


def test_every_operation_that_writes_is_known(
    writable: tuple[list[Service], dict[str, str]],
) -> None:
    paths = writable[0][0].app.openapi()["paths"]
    writing = [
        operation["operationId"]
        for item in paths.values()
        for method, operation in item.items()
        if method != "get"
    ]
    assert sorted(writing) == sorted(WRITING)
