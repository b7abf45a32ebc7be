"""The network between the service and PostgreSQL cut: what is sent is dropped, and nobody says so."""

import os
import subprocess
import sys
import time
from contextlib import AbstractContextManager
from typing import Any

from app.db.engine import lock_writers, open_writing
from chaos.checks import Check, World
from chaos.network import FAR, Cable, cable, inside
from chaos.own_postgresql import OwnPostgreSQL, own_postgresql, value_of
from chaos.readers import Readers
from chaos.writers import Writers, assert_whole, days, practice
from tests.support import ROOT
from tests.support.serving import request, serving_apart, status_of, until

READ, READY, WRITE, BACK = 3.0, 2.0, 10.0, 2.0  # seconds, as docs/settings.md promises
SLACK = 0.5  # seconds that a busy machine adds to each
WRITERS, READERS = 4, 4
# Seconds, on a machine that does other things: for a command, of which 10 are for the hosts, and until
# the other host is written to, however long a write takes.
COMMAND = OTHER = 60
CACHED = "/v1/tasks?limit=3"
FREED = 6  # seconds, of which 5 are for the server to miss what its keepalives ask for
PARSE = b"P\0\0\0\x10\0SELECT 1\0\0\0"  # a message of PostgreSQL's protocol: prepare a statement


def moved(own: OwnPostgreSQL, network: Cable) -> str:
    """The server behind the cable, and its URL, which names both of its addresses."""
    own.kill()
    with (own.data / "pg_hba.conf").open("a", encoding="utf-8") as rules:
        rules.write("host all all 10.0.0.0/24 trust\n")
    with inside(network.far):
        own.restart(options=["-c", f"listen_addresses={','.join(FAR)}", "-c", "port=5432"])
    return f"postgresql://postgres@/postgres?host={','.join(FAR)}&target_session_attrs=read-write"


def assert_lock_is_freed(own: OwnPostgreSQL, network: Cable, url: str) -> None:
    """The server ends a writer that is cut off in the middle of what it sends, which no timeout does."""
    with inside(network.near):
        connection = open_writing(url).connect()
    lock_writers(connection)
    driver: Any = connection.connection.driver_connection
    os.write(driver.pgconn.socket, PARSE)  # and the Sync is lost
    with network.cut():
        until(
            lambda: value_of(own.server.url, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0,
            FREED + SLACK, "the lock of a writer that was cut off freed",
        )  # fmt: skip
    connection.invalidate()
    connection.engine.dispose()


class Beside:
    """Writers and readers, and what they must not exceed."""

    def __init__(self, port: int, url: str, key: str) -> None:
        self.port, self.url = port, url
        self.writers = Writers([port], key, days())
        self.readers, self.cached = Readers([port]), Readers([port], CACHED)
        self.ready, self.alive = Readers([port], "/readyz"), Readers([port], "/livez")

    def works(self) -> bool:
        """Whether a read is 200, and the service ready."""
        return status_of(self.port, "/readyz") == status_of(self.port, "/v1/plans") == 200

    def written(self, least: int, seconds: float, what: str) -> float:
        """How long it takes until so many more are acknowledged, and reads work."""
        had = len(self.writers.ids)
        return until(lambda: len(self.writers.ids) >= had + least and self.works(), seconds, what)

    def during(self, cut: AbstractContextManager[None], seconds: float, *, serves: bool) -> float:
        """Cut the network for so long; how long it took until all was back."""
        self.writers.ended.clear()
        with (
            self.writers.writing(WRITERS),
            self.readers.reading(READERS),
            self.cached.reading(1),
            self.ready.reading(1),
            self.alive.reading(1),
        ):
            self.written(5, 60, "writing")
            with cut:
                began = time.monotonic()
                if serves:  # the other host is there
                    self.written(5, OTHER, "writing by the other host")
                    self.written(20, OTHER, "writing on by the other host")
                else:
                    time.sleep(WRITE)
                    for path in (CACHED, "/readyz"):
                        status = request(self.port, "GET", path)[0]
                        assert status == 503, f"{path} returned {status} while PostgreSQL is away"
                    self.assert_command_ends()
                time.sleep(max(0, began + seconds - time.monotonic()))
                assert status_of(self.port, "/livez") == 200
            return self.written(1, 60, "back")

    def assert_command_ends(self) -> None:
        """What an operator runs ends with the names of the hosts."""
        ended = subprocess.run(
            [sys.executable, "-m", "app", "keys", "list"],
            cwd=ROOT,
            env={**os.environ, "WORKPLAN_DATABASE_URL": self.url},
            capture_output=True,
            text=True,
            timeout=COMMAND,
            check=False,
        )
        assert ended.returncode == 2, ended.stderr
        assert all(host in ended.stderr for host in FAR), ended.stderr

    def assert_bounded(self) -> None:
        """Nobody got anything but 503, or waited longer than promised.

        And than a response that needs no database takes on a machine that does other things.
        """
        slack = SLACK + self.alive.slowest
        for what, one, limit in (
            ("reads", self.readers, READ),
            ("cached reads", self.cached, READ),
            ("/readyz", self.ready, READY),
            ("writes", self.writers, WRITE),
        ):
            assert set(one.seen) <= {200, 201, 503}, f"{what}: {dict(one.seen)}"
            assert one.slowest < limit + slack, f"{what} took {one.slowest:.1f} s"


def run(world: World) -> str:
    """All ends in time, and is back at once; the other host of two takes over."""
    with cable() as network, own_postgresql() as own:
        key, seconds, back = practice(own.server.url).key(), world.rounds(30, 60), 0.0
        url, sabotage = moved(own, network), "patient" if world.sabotage else ""
        assert_lock_is_freed(own, network, url)
        with inside(network.near), serving_apart(url, workers=2, sabotage=sabotage) as running:
            beside = Beside(running.port, url, key)
            for _ in range(world.rounds(1, 3)):
                for cut, serves in (
                    (network.cut(), False),
                    (network.cut(requests=False), False),
                    (network.cut(FAR[:1]), True),
                ):
                    back = max(back, beside.during(cut, seconds, serves=serves))
        written = beside.writers.ids
        assert_whole(own.server.url, written)
        beside.assert_bounded()
        assert back < BACK + SLACK + beside.alive.slowest, f"back after {back:.1f} s"
    return (
        f"{world.rounds(1, 3)} × {seconds} s of both ways, of replies only, and of one of two hosts;"
        f" slowest read {beside.readers.slowest:.1f} s, `/readyz` {beside.ready.slowest:.1f} s,"
        f" write {beside.writers.slowest:.1f} s, `/livez` {beside.alive.slowest:.1f} s;"
        f" all back after at most {back:.1f} s;"
        f" {len(written)} acknowledged, 0 lost"
    )


CHECK = Check(
    "cuts",
    "all packets between the service and PostgreSQL dropped under 4 writers and 4 readers",
    run,
    "waiting a minute for a response",
    kinds=("postgresql",),
    sabotaged=("postgresql",),
    needs="networks",
)
