"""Wrong settings and arguments: commands say which, and what would be right."""

import subprocess
import sys

import pytest

from app.__main__ import main
from app.settings import Settings
from seed.__main__ import main as seed
from tests.support import ROOT

WRONG = {
    "DATABASE_URL": ("mysql://w:geheim@host/x", "use sqlite:///path or postgresql://"),
    "DATABASE_REPLICA_URL": ("w:geheim@host", "use sqlite:///path or postgresql://"),
    "POOL_SIZE": ("0", "greater than or equal to 1"),
    "HOME_JURISDICTION": ("44", "such as 440000"),
    "KEY_SECRET": ("geheim", "at least 32"),
    "RATE_LIMIT": ("fast", "'fast' is not a rate; use number/unit"),
    "RATE_LIMIT_STORE": ("u:geheim@localhost", "use redis://host:port/number"),
    "ACCESS_LOG": ("geheim", "valid boolean"),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("words", [["serve"], ["keys", "list"], ["backup", "x"], ["rebuild"]])
def test_a_command_names_the_setting_that_is_wrong_and_no_secret(
    name: str,
    words: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    value, right = WRONG[name]
    monkeypatch.setenv(f"WORKPLAN_{name}", value)
    assert main(words) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"WORKPLAN_{name}: ")
    assert right in line
    assert "geheim" not in line


def test_settings_that_contradict_each_other_are_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORKPLAN_DATABASE_URL", "sqlite:///x.db")
    monkeypatch.setenv("WORKPLAN_DATABASE_REPLICA_URL", "postgresql://w:geheim@host/x")
    assert main(["serve"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "WORKPLAN_DATABASE_REPLICA_URL needs postgresql://" in line
    assert "geheim" not in line


def test_loading_and_migrating_name_it_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORKPLAN_DATABASE_URL", "mysql://w:geheim@host/x")
    assert seed(["load"]) == 1
    expected = "WORKPLAN_DATABASE_URL: use sqlite:///path or postgresql://"
    assert capsys.readouterr().err.startswith(expected)
    alembic = [sys.executable, "-m", "alembic", "upgrade", "head"]
    done = subprocess.run(alembic, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode
    assert f"FAILED: {expected}" in done.stdout + done.stderr
    assert "geheim" not in done.stdout + done.stderr


def test_an_error_of_the_settings_has_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKPLAN_KEY_SECRET", "geheim")
    with pytest.raises(ValueError, match="at least 32") as caught:
        Settings()
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    ("words", "right"),
    [
        (["serve", "--port", "99999"], "from 0 to 65535"),
        (["serve", "--port", "http"], "from 0 to 65535"),
        (["serve", "--workers", "0"], "from 1 to 1000"),
        (["serve", "--workers", "-1"], "from 1 to 1000"),
        (["keys", "issue", "--role", "admin", "--holder", " "], "names nobody"),
        (["keys", "issue", "--role", "admin", "--holder", "a\nb"], "names nobody"),
    ],
)
def test_a_wrong_argument_is_refused_with_what_is_right(
    words: list[str], right: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert right in capsys.readouterr().err
