"""Each rule is seen to fail: a server with one mistake, and the rules that must find it."""

import pytest
from starlette.testclient import TestClient

from conformance.contract import Contract
from conformance.rules import run
from conformance.server import Server
from conformance.topics import rules_of
from tests.conformance import (
    faults_in_answers,
    faults_in_finding,
    faults_in_http,
    faults_in_versions,
)
from tests.conformance.faults import Between, Fault

PAGE = 10  # documents of a list, where our own service is asked for a thousand
FAULTS = [
    *faults_in_answers.FAULTS,
    *faults_in_http.FAULTS,
    *faults_in_finding.FAULTS,
    *faults_in_versions.FAULTS,
]


@pytest.mark.parametrize(("fault", "names"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_a_mistake_is_found(
    between: Between,
    served: TestClient,
    contract: Contract,
    monkeypatch: pytest.MonkeyPatch,
    fault: Fault,
    names: str,
) -> None:
    monkeypatch.setattr("conformance.shapes.DOCUMENTS", PAGE)
    known = {rule.name: rule for rule in rules_of()}
    between.fault = fault
    try:
        found = list(run(Server(served, contract), [known[name] for name in names.split()]))
    finally:
        between.fault = None
    assert {result.rule.name: result.word for result in found} == dict.fromkeys(
        names.split(), "FAIL"
    )


def test_every_rule_finds_some_mistake() -> None:
    named = {name for *_, names in FAULTS for name in names.split()}
    assert {rule.name for rule in rules_of()} == named
