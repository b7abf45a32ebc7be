"""Programs that connect to a PostgreSQL which never answers end soon, and say what they waited for.

Where there is no file of SQLite they say so, and make none.
"""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import make_url, text

from app.__main__ import main
from app.db import postgresql
from app.db.engine import OnPostgreSQL, open_engine, open_reading, open_writing
from seed.__main__ import main as seed
from tests.support import ROOT
from tests.support.databases import Databases
from tests.support.practice import practising


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


@pytest.mark.parametrize(
    ("run", "words", "status"),
    [
        (main, ["keys", "list"], 2),
        (main, ["delegations", "list"], 2),
        (main, ["epoch", "new"], 2),
        (main, ["audit", "verify"], 2),
        (main, ["rebuild"], 2),
        (main, ["backup", "{folder}/backup"], 2),
        (seed, ["load"], 1),
        (seed, ["synthesize", "--plans", "1"], 1),
    ],
    ids=lambda given: given[0] if isinstance(given, list) else "",
)
def test_a_command_for_a_file_that_is_not_there_says_so_and_makes_none(
    run: Callable[[list[str]], int],
    words: list[str],
    status: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "wrong.db"
    monkeypatch.setenv("WORKPLAN_DATABASE_URL", f"sqlite:///{file}")
    assert run([word.format(folder=tmp_path) for word in words]) == status
    assert f"there is no file {file}" in capsys.readouterr().err.splitlines()[0]
    assert list(tmp_path.iterdir()) == []


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


def test_the_server_ends_every_session_whose_client_is_out_of_reach(
    on_postgresql: Databases,
) -> None:
    """Its own limit is two hours, in which the session holds its locks: `make chaos` cuts a network."""
    query = "SELECT name FROM pg_settings WHERE source = 'client' AND name LIKE 'tcp_%'"
    found: list[set[str]] = []

    async def read(url: str) -> None:
        database = open_reading(url, pool_size=1)
        assert isinstance(database, OnPostgreSQL)
        async with database.reading() as reader:
            found.append({row.name for row in await reader.execute(text(query))})
        alone = postgresql.OwnConnection(database.heartbeat, 5)
        found.append({name for (name,) in await alone.rows(query)})
        await alone.close()
        await database.close()

    with on_postgresql.with_tables() as url:
        for open_ in (open_engine, open_writing):
            with open_(url).connect() as connection:
                found.append({*connection.scalars(text(query))})
            connection.engine.dispose()
        asyncio.run(read(url))
    names = {"idle", "interval", "count"}
    assert found == [{"tcp_user_timeout", *(f"tcp_keepalives_{name}" for name in names)}] * 4


@pytest.mark.parametrize("password", ["a b", "a+b", "a%20b", "a@b:c/d?e#f", "'a' \\\\ b", "密码"])
def test_a_password_and_the_values_of_a_url_may_have_any_signs(
    on_postgresql: Databases, password: str
) -> None:
    with on_postgresql.with_tables() as plain:
        url = make_url(plain).set(password=password)
        url = url.update_query_dict({"application_name": f"work plan {password}"})
        read = conninfo_to_dict(postgresql.conninfo_of(url))
        assert (read["password"], read["application_name"]) == (password, f"work plan {password}")
        with practising(url.render_as_string(hide_password=False)) as service:
            assert service.json("/v1/plans")["data"] == []
