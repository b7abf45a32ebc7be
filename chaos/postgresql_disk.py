"""PostgreSQL's own disk: no byte free for its tables or its log, or read-only, and repaired."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

import psycopg

from chaos.checks import Check, World
from chaos.database_away import BACK
from chaos.disks import WRITERS, fill_up
from chaos.own_postgresql import OwnPostgreSQL, own_postgresql
from chaos.read_only import Disk
from chaos.readers import Readers
from chaos.writers import Writers, assert_whole, days, practice
from tests.support.postgresql import Server, processes_of
from tests.support.serving import serving_apart, until

MEGABYTES = 192  # of which the data takes 62
MANY = 300  # acknowledged without a free byte: more than fit into the pages that tables have
NOTICED = 90.0  # seconds until writes are refused, or a server without its disk has ended itself
SLACK = 0.5  # seconds that a busy machine adds
FEW_SEGMENTS = "min_wal_size = '32MB'"  # of the log, which are used again without a free byte

# Written to the log alone.
MORE_THAN_A_FILE = "SELECT pg_logical_emit_message(false, 'full', repeat('x', 33554432))"


class Small:
    """A server whose data is on a small disk, and what happens to that."""

    def __init__(self, own: OwnPostgreSQL, disk: Disk, pid: int) -> None:
        self.own, self.disk, self.pid = own, disk, pid
        self.filler = disk.inside(pid) / "filler"
        self.failed = False

    def fill(self) -> None:
        """Nothing can be longer: the tables least of all."""
        fill_up(self.filler)

    def fill_for_the_log(self) -> None:
        """And its log needs a new file."""
        fill_up(self.filler)
        with suppress(psycopg.Error):
            self.own.server.execute(MORE_THAN_A_FILE)

    def fail(self) -> None:
        """As by an error of the file system; once."""
        if not self.failed:
            self.disk.fail(self.pid, processes_of(self.own.server))
        self.failed = True

    def room(self) -> None:
        self.filler.unlink()

    def repair(self) -> None:
        self.disk.repair(self.pid)
        self.failed = False

    def start(self) -> None:
        self.own.restart(inside=self.pid)


@contextmanager
def small_postgresql(folder: Path, *, durable: bool) -> Iterator[Small]:
    """With the notice loaded; it ends with its disk."""
    with own_postgresql(durable=durable) as whole:
        whole.server.execute(f"ALTER SYSTEM SET {FEW_SEGMENTS}")
        whole.server.execute("CHECKPOINT")
        whole.kill()
        owner, source = whole.data.stat(), folder / "source"
        subprocess.run(["cp", "-a", str(whole.data), str(source)], check=True)
        folder.chmod(0o755)
        sockets, ready = folder / "sockets", folder / "ready"
        sockets.mkdir()
        os.chown(sockets, owner.st_uid, owner.st_gid)
        disk = Disk(folder / "image", whole.data, MEGABYTES)
        waiting = ["sh", "-c", f"touch {ready} && exec sleep infinity"]
        command = [*disk.holding(f"{source}/.", ""), *waiting]
        holder = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            until(ready.exists, 30, "mounted")
            place = f"/proc/{holder.pid}/root{whole.server.folder}"
            url = whole.server.url.replace(str(whole.data), str(sockets))
            own = OwnPostgreSQL(Server(place, url))
            own.restart(options=["-k", str(sockets)], inside=holder.pid)
            yield Small(own, disk, holder.pid)
            own.kill()
        finally:
            holder.kill()
            holder.wait()


class Beside:
    """Writers and readers beside the faults."""

    def __init__(self, small: Small, port: int, key: str, chance: Random) -> None:
        self.small, self.chance = small, chance
        self.writers, self.readers = Writers([port], key, days()), Readers([port])
        self.back = 0.0

    def fault(self, fault: Callable[[], None], mend: Callable[[], None], *, ends: bool) -> None:
        """Until writes are refused, or the server has ended itself; then all is mended."""
        writers, own = self.writers, self.small.own
        writers.ended.clear()
        with writers.writing(WRITERS), self.readers.reading(2):
            least = len(writers.ids) + self.chance.randint(3, 40)
            until(lambda: len(writers.ids) >= least, 60, "writing")
            failed, most = writers.seen[503] + 5, len(writers.ids) + MANY

            def is_noticed() -> bool:
                fault()
                if ends:
                    return not own.runs()
                return writers.seen[503] > failed or len(writers.ids) > most

            until(is_noticed, NOTICED, "noticed")
            mend()
            if ends:
                self.small.start()
            had = len(writers.ids)
            took = until(lambda: len(writers.ids) > had, 60, "written again")
            self.back = max(self.back, took)


def run(world: World) -> str:
    """Clean errors, nothing lost; reads go on while only the tables are full."""
    rounds = world.rounds(1, 10)
    with small_postgresql(world.folder, durable=not world.sabotage) as small:
        url = small.own.server.url
        key = practice(url).key()
        small.own.server.execute("CHECKPOINT")  # the key is there, whatever is lost
        with serving_apart(url, workers=2) as running:
            beside = Beside(small, running.port, key, world.chance)
            for _ in range(rounds):
                beside.fault(small.fill, small.room, ends=False)
            read = beside.readers.seen.copy()
            for _ in range(rounds):
                beside.fault(small.fill_for_the_log, small.room, ends=True)
                beside.fault(small.fail, small.repair, ends=True)
        assert_whole(url, beside.writers.ids)
    seen, reads = beside.writers.seen, beside.readers.seen
    told = (
        f"{rounds} times each: {len(beside.writers.ids)} acknowledged, 0 lost; {seen[503]} writes 503; "
        f"{read.total()} reads while tables could not grow, all 200, and {reads[503]} of "
        f"{(reads - read).total()} later 503; slowest write {beside.writers.slowest:.1f} s, read "
        f"{beside.readers.slowest:.1f} s; without a file for its log, and read-only, PostgreSQL ended "
        f"itself; writes back at most {beside.back:.1f} s after there is room or it accepts connections"
    )
    assert set(read) == {200}, f"reads returned {dict(read)} while tables could not grow"
    assert set(seen) <= {201, 503}, f"writes returned {dict(seen)}"
    assert set(reads) <= {200, 503}, f"reads returned {dict(reads)}"
    assert beside.back < BACK + SLACK, told
    return told


CHECK = Check(
    "postgresql-disk",
    "the disk of PostgreSQL full, for its tables and for its log, and read-only, under 4 writers and 2 readers",
    run,
    "`synchronous_commit = off`",
    kinds=("postgresql",),
    sabotaged=("postgresql",),
    needs="loop devices",
)
