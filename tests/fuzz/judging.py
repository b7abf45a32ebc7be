"""What must hold of every response, whatever was sent."""

import json
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from jsonschema import Draft202012Validator

from tests.fuzz import corpus
from tests.support import ROOT
from tests.support.raw import Answer, Ask, Raw, Service

LONGEST_PROBLEM = 30_000  # bytes
INSIDE = re.compile(
    r"Traceback|File \"|sqlalchemy|sqlite3|asyncpg|psycopg|SELECT |site-packages|\.py\b"
    rf"|pydantic|starlette|0x[0-9a-f]{{8}}|/tmp/|{re.escape(str(ROOT))}"
)
PLAIN = re.compile(rb"[\x20-\x7e]*")
UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
REQUEST_ID = re.compile(rb"[0-9a-f-]{32,36}")
EVERY = int(os.environ.get("FUZZ_EVERY", "10"))  # `make fuzz` sends all cases


class Case(NamedTuple):
    """An input of the corpus in one slot of an operation."""

    operation: str
    slot: str
    input: str
    raw: Raw


def share(cases: Iterable[Case]) -> list[Case]:
    """Every tenth; no input of the corpus and no slot is left out."""
    slots: dict[tuple[str, str], int] = defaultdict(count().__next__)
    inputs: dict[str, int] = defaultdict(count().__next__)
    chosen: list[Case] = []
    passed_over: list[Case] = []
    for case in cases:
        turn = (slots[case.operation, case.slot] + inputs[case.input]) % EVERY
        (passed_over if turn else chosen).append(case)
    seen = {name for case in chosen for name in (case.input, case.slot)}
    for case in passed_over:
        if not seen.issuperset((case.input, case.slot)):
            chosen.append(case)
            seen.update((case.input, case.slot))
    return chosen


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
        components = document["components"]

        def validator(name: str) -> Draft202012Validator:
            closed = {**components["schemas"][name], "additionalProperties": False}
            return Draft202012Validator({**closed, "components": components})

        self.problem = validator("Problem")
        self.history_changed = validator("HistoryChangedProblem")
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
            other = problem["type"] == "/problems/history-changed"
            validator = self.history_changed if other else self.problem
            for error in validator.iter_errors(problem):
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
    services: list[Service], cases: Iterable[Case], ask: Ask | None = None, most_shown: int = 20
) -> int:
    """Each case on each database; fails with what was found, gives the number of answers."""
    judge = Judge(services[0].app.openapi())
    found = []
    for operation, slot, name, raw in cases:
        answers = ask(raw) if ask else [service.ask(raw) for service in services]
        where = f"{raw.method[:9]} {operation} {slot}: {name}"
        for service, answer in zip(services, answers, strict=False):
            found += [f"{service.kind} {where}: {fault}" for fault in judge.faults(raw, answer)]
        if not all(same(answers[0], other) for other in answers[1:]):
            found.append(f"{where}: {[(a.status, a.body[:300]) for a in answers]}")
    assert not found, f"{len(found)} findings\n" + "\n".join(found[:most_shown])
    return judge.cases
