"""A PostgreSQL taken back to an instant: from a base backup and the archive of what was written."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import make_url, text

from app.cli.backup_state import state_of
from app.db.engine import lock_writers, open_engine
from chaos.checks import Check, World
from chaos.own_postgresql import OwnPostgreSQL, own_postgresql, programs, value_of
from chaos.restores import command
from chaos.writers import Writers, assert_whole, days, practice
from tests.support.serving import serving_apart, until

WRITERS, INSTANTS = 4, 3
# As docs/backup.md has them, with {archive} and {instant} in place of its examples.
ARCHIVING = (
    "archive_mode = on",
    "archive_command = 'test ! -f {archive}/%f && cp %p {archive}/%f'",
)
RECOVERING = (
    "restore_command = 'cp {archive}/%f %p'",
    "recovery_target_time = '{instant}'",
    "recovery_target_action = 'promote'",
)


class Folders:
    """Of the base backup, the archive and what is recovered; of the user who runs PostgreSQL."""

    def __init__(self, own: OwnPostgreSQL, folder: Path) -> None:
        self.owner = own.data.stat()
        self.base, self.archive = folder / "base", folder / "archive"
        for one in (folder.parent, folder, self.archive):
            self.made(one)

    def made(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True, mode=0o700)
        os.chown(folder, self.owner.st_uid, self.owner.st_gid)

    def run(self, program: str, *arguments: str) -> "subprocess.Popen[bytes]":
        """A program of PostgreSQL, as that user."""
        root = os.geteuid() == 0
        return subprocess.Popen(
            [str(programs() / program), *arguments],
            user=self.owner.st_uid if root else None,
            group=self.owner.st_gid if root else None,
            cwd=self.archive,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )


def state_of_instant(url: str) -> tuple[str, dict[str, Any]]:
    """An instant in which nobody writes, though they try to, and the state then."""
    engine = open_engine(url)
    with engine.begin() as connection:
        lock_writers(connection)
        state = state_of(connection)
        time.sleep(0.01)
        instant = str(connection.scalar(text("SELECT clock_timestamp()")))
        time.sleep(0.01)
    engine.dispose()
    return instant, state


@contextmanager
def recovered(folders: Folders, url: str, place: Path, instant: str | None) -> Iterator[str]:
    """The URL of a server of its own, which is as the other was then."""
    shutil.copytree(folders.base, place, symlinks=True)
    for one in (place, *place.rglob("*")):
        os.chown(one, folders.owner.st_uid, folders.owner.st_gid)
    settings = [
        line.format(archive=folders.archive, instant=instant)
        for line in RECOVERING
        if instant or "recovery_target" not in line
    ]
    with (place / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
        file.write("\n".join([*settings, "archive_mode = off", ""]))
    (place / "recovery.signal").touch()
    there = make_url(url).update_query_dict({"host": str(place.parent)})
    found = there.render_as_string(hide_password=False)
    process = folders.run("postgres", "-D", str(place), "-h", "", "-k", str(place.parent))
    try:
        until(lambda: value_of(found, "SELECT pg_is_in_recovery()") is False, 60, "recovered")
        yield found
    finally:
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGQUIT)
        process.wait(timeout=30)
        psutil.wait_procs(children, timeout=10)


def run(world: World) -> str:
    """The same hash as then, all that was acknowledged until then, and nothing after it."""
    rounds, compared = world.rounds(1, 10), 0
    for nth in range(rounds):
        folder = world.folder / f"round{nth}"
        with own_postgresql() as own:
            folders = Folders(own, folder)
            for line in ARCHIVING:
                own.server.execute(f"ALTER SYSTEM SET {line.format(archive=folders.archive)}")
            own.kill()
            own.restart()
            compared += one_round(world, own, folders)
    return f"{rounds} base backups, {compared} instants: same hash, nothing of later, log whole"


def one_round(world: World, own: OwnPostgreSQL, folders: Folders) -> int:
    url = own.server.url
    writers = Writers([], practice(url).key(), days())
    instants = []
    with serving_apart(url, workers=2) as running:
        writers.ports = [running.port]
        with writers.writing(WRITERS):
            host = str(make_url(url).query["host"])
            made = folders.run(
                "pg_basebackup",
                "--checkpoint=fast",
                "-h",
                host,
                "-U",
                "postgres",
                "-D",
                str(folders.base),
            )
            assert made.wait(timeout=60) == 0, "no base backup"
            for _ in range(INSTANTS):
                time.sleep(world.chance.uniform(0.3, 1.5))
                before = writers.ids
                instants.append((*state_of_instant(url), before))
            had = len(writers.ids)
            until(lambda: len(writers.ids) > had + 5, 60, "writing on")
        own.server.execute("SELECT pg_switch_wal()")
        last = value_of(url, "SELECT pg_walfile_name(pg_current_wal_lsn() - 1)")
        until((folders.archive / last).exists, 60, "archived")
    for number, (instant, state, before) in enumerate(instants):
        place = folders.base.with_name(f"recovered{number}")
        with recovered(folders, url, place, None if world.sabotage else instant) as other:
            engine = open_engine(other)
            with engine.connect() as connection:
                found = state_of(connection)
            engine.dispose()
            different = [name for name in state if state[name] != found[name]]
            assert not different, f"{', '.join(different)} are not as at the instant"
            assert_whole(other, before)
            command(other, "audit", "verify")
            command(other, "epoch", "new")
        shutil.rmtree(place)
    return len(instants)


CHECK = Check(
    "point-in-time",
    "PostgreSQL recovered to random instants under 4 writers, from a base backup and archived WAL",
    run,
    "recovery without `recovery_target_time`",
    kinds=("postgresql",),
    sabotaged=("postgresql",),
)
