"""Our own service keeps the contract whole, and everything in it was looked at."""

import subprocess
import sys

from conformance.__main__ import KEPT
from conformance.topics import ORDER, rules_of
from tests.support import ROOT
from tests.support.serving import serving


def test_our_service_keeps_the_contract_and_nothing_is_skipped(seeded_url: str) -> None:
    with serving(seeded_url) as (port, _):
        done = subprocess.run(
            [sys.executable, "-m", "conformance", f"http://127.0.0.1:{port}"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    rules = rules_of()
    lines = done.stdout.splitlines()
    assert done.stderr == ""
    assert [line for line in lines if not line.startswith("ok ")] == lines[-1:]
    assert f"{len(rules)} rules: {len(rules)} ok, 0 failed, 0 skipped" in lines[-1]
    assert done.returncode == KEPT


def test_every_rule_has_a_sentence_a_part_of_the_contract_and_a_topic_that_is_told() -> None:
    rules = rules_of()
    assert {rule.topic for rule in rules} == set(ORDER)
    for rule in rules:
        assert rule.sentence.endswith("."), rule.name
        assert "\n" not in rule.sentence, rule.name
        assert rule.part, rule.name
    assert len({rule.name for rule in rules}) == len(rules)
