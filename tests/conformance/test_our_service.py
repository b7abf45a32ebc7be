"""Our own service keeps the contract whole, and everything in it was looked at."""

import io

from starlette.testclient import TestClient

from conformance.__main__ import KEPT, check
from conformance.contract import Contract
from conformance.topics import ORDER, rules_of
from tests.conformance.faults import Between


def test_our_service_keeps_the_contract_and_nothing_is_skipped(
    between: Between, served: TestClient, contract: Contract
) -> None:
    between.fault = None
    out = io.StringIO()
    rules = rules_of()
    status = check(served, contract, rules, out)
    lines = out.getvalue().splitlines()
    assert [line for line in lines if not line.startswith("ok ")] == lines[-1:]
    assert f"{len(rules)} rules: {len(rules)} ok, 0 failed, 0 skipped" in lines[-1]
    assert status == KEPT


def test_every_rule_has_a_sentence_a_part_of_the_contract_and_a_topic_that_is_told() -> None:
    rules = rules_of()
    assert {rule.topic for rule in rules} == set(ORDER)
    for rule in rules:
        assert rule.sentence.endswith("."), rule.name
        assert "\n" not in rule.sentence, rule.name
        assert rule.part, rule.name
    assert len({rule.name for rule in rules}) == len(rules)
