"""These pages of docs do what they say: every command is run, and prints what stands below it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.support.practice import LEAD, SECRET, practising
from tests.support.serving import serving

STEP = re.compile(r"```sh\n(.*?)```\n\n```\n(.*?)```", re.DOTALL)


@pytest.mark.skipif(not shutil.which("curl"), reason="it is written for curl, which is not here")
@pytest.mark.parametrize(("page", "least"), [("walkthrough.md", 8), ("versions.md", 6)])
def test_each_step_prints_what_it_says(
    loaded_url: str, monkeypatch: pytest.MonkeyPatch, page: str, least: int
) -> None:
    steps = STEP.findall((ROOT / "docs" / page).read_text("utf-8"))
    assert len(steps) >= least
    monkeypatch.setenv("WORKPLAN_KEY_SECRET", SECRET)
    with practising(loaded_url) as service:
        keys = {
            "REPORTER": service.key("reporter", LEAD),
            "COORDINATOR": service.key("coordinator"),
            "ASSESSOR": service.key("assessor"),
        }
    with serving(loaded_url) as (port, _):
        environment = {
            **os.environ,
            **keys,
            "URL": f"http://127.0.0.1:{port}",
            "WORKPLAN_DATABASE_URL": loaded_url,
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
