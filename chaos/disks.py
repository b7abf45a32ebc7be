"""A disk that is full, in a mount namespace of its own."""

import os
import shlex
import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path

from chaos.checks import Check, World, file_of
from chaos.readers import Readers
from chaos.writers import Writers, assert_whole, days, practice
from tests.support.serving import serving_apart, until

MEGABYTES_FREE = 8
MANY = 50  # acknowledged without a free byte: more than fit into what the log has left
WRITERS, BACK = 4, 2.5  # seconds
UNSHARE = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]


def mounting(place: Path, source: Path) -> list[str]:
    """A command that runs another on a small disk of its own, with a copy of the database."""
    megabytes = source.stat().st_size // 2**20 + MEGABYTES_FREE
    quoted = shlex.quote(str(place))
    script = (
        f"mount -t tmpfs -o size={megabytes}m none {quoted} && "
        f'cp {shlex.quote(str(source))} {quoted}/workplan.db && exec "$@"'
    )
    return [*UNSHARE, "sh", "-c", script, "sh"]


def emptied_log(file: Path) -> None:
    """Move all of the log into the database, which can be copied alone then."""
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def copied_from(inside: Path, folder: Path) -> str:
    """A copy of the database that nobody writes any more; SQLite itself would follow the link."""
    for end in ("", "-wal"):
        shutil.copy(inside / f"workplan.db{end}", folder / f"copied.db{end}")
    return f"sqlite:///{folder}/copied.db"


def fill_up(path: Path) -> bool:
    """Until not one byte more fits; again and again, since a write may make room."""
    with path.open("ab", buffering=0) as file, suppress(OSError):
        for size in (2**16, 1):
            with suppress(OSError):
                while file.write(b"x" * size):
                    pass
    return True


def assert_only_writes_failed(writers: Writers, readers: Readers) -> None:
    """Writes were acknowledged or refused, and every read was served."""
    assert set(writers.seen) <= {201, 503}, f"writes returned {dict(writers.seen)}"
    assert set(readers.seen) == {200}, f"reads returned {dict(readers.seen)}"


def run(world: World) -> str:
    """Clean errors, reads go on, all is back when there is room."""
    rounds = world.rounds(3, 30)
    place = world.folder / "disk"
    place.mkdir()
    with world.databases.loaded() as url:
        key, numbers = practice(url).key(), days()
        emptied_log(file_of(url))
        options = {
            "prefix": mounting(place, file_of(url)),
            "sabotage": "early" if world.sabotage else "",
        }
        refused = 0
        readers = Readers([])
        with serving_apart(f"sqlite:///{place}/workplan.db", **options) as running:
            inside = Path(f"/proc/{running.process.pid}/root{place}")
            writers = Writers([running.port], key, numbers)
            readers.ports = [running.port]
            for _ in range(rounds):
                writers.ended.clear()
                with writers.writing(WRITERS), readers.reading(2):
                    had = len(writers.ids)
                    least = had + world.chance.randint(3, 20)
                    until(lambda n=least: len(writers.ids) >= n, 60, "writing")  # type: ignore[misc]
                    failed = writers.seen[503]
                    fill_up(inside / "filler")
                    had = len(writers.ids)
                    until(
                        lambda n=failed, m=had: (  # type: ignore[misc]
                            fill_up(inside / "filler")
                            and (writers.seen[503] > n + 5 or len(writers.ids) > m + MANY)
                        ),
                        40,
                        "refused or acknowledged",
                    )
                    (inside / "filler").unlink()
                    had = len(writers.ids)
                    until(lambda n=had: len(writers.ids) > n + 3, BACK, "back")  # type: ignore[misc]
            refused = writers.seen[503]
            copied = copied_from(inside, world.folder)
        assert_whole(copied, writers.ids)
        assert refused > rounds, "the disk was not full"
        assert_only_writes_failed(writers, readers)
    return (
        f"{rounds} times full: {len(writers.ids)} acknowledged, 0 lost; {refused} writes 503; "
        f"{readers.seen.total()} reads, all 200; writes back within {BACK} s"
    )


CHECK = Check(
    "full-disk",
    "no byte free under 4 writers and 2 readers, and room again",
    run,
    "the response is sent before the commit",
    kinds=("sqlite",),
    sabotaged=("sqlite",),
    needs="namespaces",
)
