"""Programs that connect to a PostgreSQL which never answers end soon, and say what they waited for."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from app.__main__ import main
from app.db import postgresql
from app.db.engine import open_engine
from seed.__main__ import main as seed
from tests.support import ROOT


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of somebody who listens, and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize(
    ("run", "words", "status"),
    [
        (main, ["keys", "list"], 2),
        (main, ["rebuild"], 2),
        (main, ["backup", "{folder}"], 2),
        (seed, ["load"], 1),
    ],
    ids=["keys", "rebuild", "backup", "load"],
)
def test_a_command_ends(
    run: Callable[[list[str]], int],
    words: list[str],
    status: int,
    silent: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("WORKPLAN_DATABASE_URL", f"postgresql://u@{silent}/d?connect_timeout=2")
    assert run([word.format(folder=tmp_path / "backup") for word in words]) == status
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert f"no connection to PostgreSQL at {silent} (WORKPLAN_DATABASE_URL): " in said


def test_migrating_ends(silent: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=ROOT,
        env={**os.environ, "WORKPLAN_DATABASE_URL": f"postgresql://u@{silent}/d?connect_timeout=2"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert ended.returncode
    assert len(ended.stdout.splitlines()) == 1
    assert f"no connection to PostgreSQL at {silent}" in ended.stdout


def test_every_host_has_a_limit_of_ours_unless_the_url_has_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[dict[str, object]] = []

    def refuse(**params: object) -> None:
        given.append(params)
        raise psycopg.OperationalError("refused")

    monkeypatch.setattr(psycopg.Connection, "connect", refuse)
    for url in ("postgresql://u@a/d", "postgresql://u@a/d?connect_timeout=7"):
        with pytest.raises(Exception, match="no connection to PostgreSQL at a:5432"):
            open_engine(url).connect()
    assert [str(one["connect_timeout"]) for one in given] == ["5", "7"]
    for name in {*postgresql.PATIENT} - {"connect_timeout"}:  # a network that is cut later
        assert [one[name] for one in given] == [postgresql.PATIENT[name]] * 2
