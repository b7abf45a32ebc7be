"""The power cut at random moments under writers: what was not synced is gone, or half there.

There is no disk that forgets: what the processes wrote and synced is traced, and the files are made
as such a disk may leave them.
"""

import os
import re
import shutil
from pathlib import Path

from chaos.checks import Check, World, file_of
from chaos.disk import Disk, luck, tracing
from chaos.own_postgresql import own_postgresql
from chaos.writers import Writers, assert_whole, days, practice
from tests.support.serving import serving_apart, until

WRITERS = 8
SEGMENT = re.compile("[0-9A-F]{24}")  # of the log of PostgreSQL
ENDS = ("", "-wal")  # SQLite rebuilds its `-shm`


def write(world: World, writers: Writers) -> None:
    """As many as make SQLite move its log into the database."""
    with writers.writing(WRITERS):
        until(lambda: len(writers.ids) >= world.rounds(150, 600), 240, "written")


def moments(world: World, writers: Writers) -> list[float]:
    """At an acknowledgement, when the least time has passed, or at any time."""
    chance, times = world.chance, [one.at for one in writers.acknowledged]
    return [
        chance.choice([chance.choice(times), chance.uniform(times[0], times[-1])])
        for _ in range(world.rounds(12 if world.kind == "sqlite" else 6, 200))
    ]


def on_sqlite(world: World) -> str:
    trace = world.folder / "trace"
    with world.databases.loaded() as url:
        writers = Writers([], practice(url).key(), days())
        path = file_of(url)
        before = {end: path.with_name(path.name + end) for end in ENDS}
        content = {end: one.read_bytes() if one.exists() else b"" for end, one in before.items()}
        sabotage = "careless" if world.sabotage else ""
        with serving_apart(url, workers=2, prefix=tracing(trace), sabotage=sabotage) as running:
            writers.ports = [running.port]
            write(world, writers)
        disk, cuts, stored = Disk(trace), moments(world, writers), 0
        for nth, moment in enumerate(cuts):
            folder = world.folder / f"cut{nth}"
            folder.mkdir()
            lucky = luck(world.chance)
            for end, one in before.items():
                left = disk.after_cut(str(one), content[end], moment, lucky)
                (folder / f"workplan.db{end}").write_bytes(left)
            stored += assert_whole(
                f"sqlite:///{folder}/workplan.db", writers.acknowledged_by(moment)
            )
            shutil.rmtree(folder)
    return told(len(cuts), writers, stored)


def told(cuts: int, writers: Writers, stored: int) -> str:
    return (
        f"{cuts} cuts in {len(writers.ids)} acknowledged writes; of {stored} reports found after "
        "them, none that was acknowledged is missing, none half done"
    )


def on_postgresql(world: World) -> str:
    trace = world.folder / "trace"
    with own_postgresql(durable=not world.sabotage) as own:
        writers = Writers([], practice(own.server.url).key(), days())
        # Of the database itself nothing is synced then, and all of it is lost; it is made again from the log.
        for setting in ("checkpoint_timeout = '1d'", "max_wal_size = '4GB'"):
            own.server.execute(f"ALTER SYSTEM SET {setting}")
        own.server.execute("SELECT pg_reload_conf()")
        own.server.execute("CHECKPOINT")
        own.kill()
        before = world.folder / "before"
        shutil.copytree(own.data, before, symlinks=True, ignore=shutil.ignore_patterns(".s.*"))
        trace.touch()
        owner = own.data.stat()
        os.chown(trace, owner.st_uid, owner.st_gid)
        world.folder.chmod(0o755)
        own.restart(prefix=tracing(trace))
        with serving_apart(own.server.url, workers=2) as running:
            writers.ports = [running.port]
            write(world, writers)
        own.kill()
        disk, cuts, stored = Disk(trace), moments(world, writers), 0
        for moment in cuts:
            own.replace(before)
            lucky = luck(world.chance)
            for name in disk.of:
                path = Path(name)
                if SEGMENT.fullmatch(path.name):
                    first = before / "pg_wal" / path.name
                    was = first.read_bytes() if first.exists() else bytes(2**24)
                    path.write_bytes(disk.after_cut(name, was, moment, lucky))
                    os.chown(path, owner.st_uid, owner.st_gid)
            own.restart()
            stored += assert_whole(own.server.url, writers.acknowledged_by(moment))
            own.kill()
    return told(len(cuts), writers, stored)


def run(world: World) -> str:
    """What was acknowledged is there, and nothing is half done."""
    return on_sqlite(world) if world.kind == "sqlite" else on_postgresql(world)


CHECK = Check(
    "power-cuts",
    "the power cut under 8 writers: of what was not synced, any sector may be missing",
    run,
    "SQLite: `synchronous = OFF`; PostgreSQL: `synchronous_commit = off`",
    needs="strace",
)
