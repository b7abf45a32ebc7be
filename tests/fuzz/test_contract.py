"""Schemathesis: the contract holds for thousands of requests made from it."""

import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz.judging import EVERY
from tests.support import ROOT
from tests.support.databases import Databases
from tests.support.practice import SECRET, practising
from tests.support.practice import Service as Practice
from tests.support.serving import serving

HERE = Path(__file__).parent
# `make fuzz` asks for 200, all cases that cover the schema, and another seed each time.
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "1"))
SEED = os.environ.get("FUZZ_SEED", "1")
FEWEST_CASES = 5000 // EVERY + 44 * EXAMPLES // 2


@pytest.fixture
def practice(on_sqlite: Databases) -> Iterator[Practice]:
    """A service of its own, since it is written to."""
    with on_sqlite.loaded() as url, practising(url) as alive:
        yield alive


def test_the_contract_holds_for_what_is_made_from_it(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKPLAN_KEY_SECRET", SECRET)
    key = practice.key()
    seed = str(random.SystemRandom().randrange(2**32)) if SEED == "random" else SEED
    with serving(practice.url) as (port, _):
        run = subprocess.run(
            [
                str(Path(sys.executable).parent / "schemathesis"),
                "--config-file", str(HERE / "schemathesis.toml"), "--no-color",
                "run", os.environ.get("FUZZ_CONTRACT") or f"http://127.0.0.1:{port}/openapi.json",
                "--url", f"http://127.0.0.1:{port}",
                "--checks", "all", "--phases", "examples,coverage,fuzzing,stateful",
                "--max-examples", str(EXAMPLES), "--seed", seed,
                "--generation-database", "none", "--continue-on-failure",
                "-H", "Accept-Language: en", "-H", f"Authorization: Bearer {key}",
            ],
            cwd=ROOT,
            env={**os.environ, "SCHEMATHESIS_HOOKS": "tests.fuzz.schemathesis_checks"},
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
    told = f"FUZZ_SEED={seed} repeats it\n{run.stdout}{run.stderr}"
    print(told[:200], file=sys.stderr)  # noqa: T201 - pytest shows it where something fails
    assert run.returncode == 0, told
    made = re.search(r"(\d+) generated", run.stdout)
    assert made, told
    assert int(made[1]) >= FEWEST_CASES, told
    of, all_ = re.findall(r"(?:Tested: +|Selected: +\d+/)(\d+)", run.stdout)
    assert of == all_, told
