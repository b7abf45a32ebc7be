"""These pages of docs do what they say: every command is run, and prints what stands below it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.support.databases import Databases
from tests.support.practice import LEAD, SECRET, practising
from tests.support.serving import serving
from tests.support.years import fill_with_examples

STEP = re.compile(r"```sh\n(.*?)```\n\n```\n(.*?)```", re.DOTALL)


needs_curl = pytest.mark.skipif(
    not shutil.which("curl"), reason="it is written for curl, which is not here"
)


@needs_curl
@pytest.mark.parametrize(("page", "least"), [("walkthrough.md", 8), ("versions.md", 6)])
def test_each_step_prints_what_it_says(
    loaded_url: str, monkeypatch: pytest.MonkeyPatch, page: str, least: int
) -> None:
    monkeypatch.setenv("WORKPLAN_KEY_SECRET", SECRET)
    with practising(loaded_url) as service:
        keys = {
            "REPORTER": service.key("reporter", LEAD),
            "COORDINATOR": service.key("coordinator"),
            "ASSESSOR": service.key("assessor"),
        }
    assert _run(page, loaded_url, keys) >= least


@needs_curl
def test_each_step_through_two_years_prints_what_it_says(on_sqlite: Databases) -> None:
    with on_sqlite.copy_of("examples", fill_with_examples) as url:
        assert _run("years.md", url, {}) >= 6


def _run(page: str, url: str, keys: dict[str, str]) -> int:
    """Run the steps of a page on a database; gives their number."""
    steps = STEP.findall((ROOT / "docs" / page).read_text("utf-8"))
    with serving(url) as (port, _):
        environment = {
            **os.environ,
            **keys,
            "URL": f"http://127.0.0.1:{port}",
            "WORKPLAN_DATABASE_URL": url,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        for commands, printed in steps:
            done = subprocess.run(
                ["bash", "-c", commands],
                cwd=ROOT,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.stdout == printed, f"{commands}\n{done.stderr}"
    return len(steps)
