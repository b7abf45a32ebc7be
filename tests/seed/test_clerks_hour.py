"""The clerk's hour: every command of docs/notices.md, from a DOCX of ours to the API."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from app.settings import Settings
from seed.__main__ import main
from tests.support import ROOT
from tests.support.databases import Databases
from tests.support.serving import serving_apart

GUIDE = ROOT / "docs" / "notices.md"
NOTICE = ROOT / "docs" / "工作要点.docx"
STEP = re.compile(r"```sh\n(.*?)```\n\n```\n(.*?)```", re.DOTALL)
DAY = re.compile(r"\d{4}-\d\d-\d\d")
Shell = Callable[[str], str]


@pytest.fixture
def shell(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    on_sqlite: Databases,
) -> Shell:
    """Run one command as the guide has it, and give what it prints."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WORKPLAN_NOTICES", raising=False)
    (tmp_path / "docs").mkdir()
    shutil.copy(NOTICE, tmp_path / "docs")
    (tmp_path / "var").mkdir()

    def run(line: str) -> str:
        words = shlex.split(line)
        if words[:3] == ["python", "-m", "seed"]:
            main(words[3:])
            return "".join(capsys.readouterr())
        if words[0] == "curl":
            with serving_apart(Settings().database_url) as service:
                return bash(line.replace("127.0.0.1:8000", f"127.0.0.1:{service.port}"))
        return bash(line)

    def bash(line: str) -> str:
        done = subprocess.run(["bash", "-ec", line], check=True, capture_output=True, text=True)
        return done.stdout

    return run


def test_every_command_of_the_guide_prints_what_the_guide_says(
    shell: Shell, on_sqlite: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = STEP.findall(GUIDE.read_text("utf-8"))
    assert len(steps) >= 9
    with on_sqlite.loaded() as url:
        monkeypatch.setenv("WORKPLAN_DATABASE_URL", url)
        for commands, expected in steps:
            lines = commands.replace("\\\n", "").splitlines()
            printed = "".join(shell(line) for line in lines if line.strip())
            assert DAY.sub("2026-11-27", printed) == DAY.sub("2026-11-27", expected), commands
