"""A backup at a random instant under writers, restored into another database."""

import json
import os
import shutil
import subprocess
import sys
import time

from app.cli.backup_state import state_of
from app.db.engine import open_engine
from chaos.checks import Check, World, file_of
from chaos.own_postgresql import programs
from chaos.writers import Writers, assert_whole, days, practice
from tests.support import ROOT
from tests.support.practice import SECRET
from tests.support.serving import serving_apart, until

WRITERS = 4


def command(url: str, *words: str) -> None:
    """A command of the service, which must succeed."""
    environment = {**os.environ, "WORKPLAN_DATABASE_URL": url, "WORKPLAN_KEY_SECRET": SECRET}
    done = subprocess.run(
        [sys.executable, "-m", "app", *words],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def run(world: World) -> str:
    """It has the state of one instant, with all that was acknowledged before."""
    rounds, restored = world.rounds(2, 50), 0
    with world.databases.loaded() as url:
        key, numbers = practice(url).key(), days()
        acknowledged: list[str] = []
        with serving_apart(url, workers=2) as running:
            for nth in range(rounds):
                folder = world.folder / f"backup{nth}"
                is_early = world.sabotage and world.kind == "postgresql"
                if is_early:
                    command(url, "backup", str(folder), "--pg-bin", str(programs()))
                writers = Writers([running.port], key, numbers)
                with writers.writing(WRITERS):
                    until(lambda w=writers: len(w.ids) > 3, 60, "writing")  # type: ignore[misc]
                    time.sleep(world.chance.random())
                    before = [*acknowledged, *writers.ids]
                    if world.sabotage and world.kind == "sqlite":
                        folder.mkdir()
                        shutil.copy(file_of(url), folder / "workplan.db")
                    elif not is_early:
                        command(url, "backup", str(folder), "--pg-bin", str(programs()))
                acknowledged += writers.ids
                if world.sabotage and world.kind == "sqlite":
                    assert_whole(f"sqlite:///{folder}/workplan.db", before)
                    continue
                with world.databases.empty() as other:
                    command(other, "restore", str(folder), "--pg-bin", str(programs()))
                    restored += assert_whole(other, before)
                    command(other, "audit", "verify")
                    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
                    engine = open_engine(other)
                    with engine.connect() as connection:
                        state = state_of(connection)
                    engine.dispose()
                    for name in ("documents_sha256", "head", "schema"):
                        assert state[name] == manifest[name], name
                    assert state["epoch"] != manifest["epoch"], "mirrors are not notified"
    return f"{rounds} backups under writers: {restored} reports restored, same hash, new epoch"


CHECK = Check(
    "restores",
    "backup at a random instant under 4 writers, restored elsewhere",
    run,
    "SQLite: the file copied without its `-wal`; PostgreSQL: the backup made before the writes",
)
