"""The primary of a cluster killed, or silent: its standby takes over, and the service goes on."""

import http.client
import json
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from chaos.checks import Check, World
from chaos.cluster import clustered
from chaos.readers import Readers
from chaos.writers import Writers, assert_whole, days, practice
from tests.support.serving import request, serving_apart, status_of, until

READ, WRITE, BACK = 3.0, 10.0, 2.0  # seconds, as docs/settings.md promises for clusters
SLACK = 1.0  # seconds that two clusters' worth of processes add on a busy machine
BEHIND = 2.5  # seconds for which the standby gets nothing before the failure
TAKES_OVER = 90  # seconds; the shipped `ttl` is 20
WRITERS, READERS = 4, 4


class Mirror:
    """Follows the change feed as a client does, whatever responds."""

    def __init__(self, port: int) -> None:
        self.port, self.after = port, 0
        self.seen: list[Any] = []
        self.ended = threading.Event()

    def read(self) -> None:
        try:
            path = f"/v1/changes?limit=1000&after={self.after}"
            status, body = request(self.port, "GET", path)
        except (OSError, http.client.HTTPException):
            return
        if status == 200:
            self.seen += json.loads(body)["data"]
            self.after = self.seen[-1]["seq"] if self.seen else 0

    @contextmanager
    def following(self) -> Iterator["Mirror"]:
        def read_on() -> None:
            while not self.ended.wait(0.2):
                self.read()

        thread = threading.Thread(target=read_on, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.ended.set()
            thread.join()
            self.read()


def run(world: World) -> str:
    """All that was acknowledged is on the standby, which is the primary within `ttl` and a little."""
    owner = Path(world.databases.server.folder, "postgresql").stat()
    rounds, away, back = world.rounds(2, 20), [0.0], [0.0]
    with clustered(world.folder, owner, synchronous=not world.sabotage) as cluster:
        key = practice(cluster.url).key()
        writers, readers = Writers([], key, days()), Readers([])
        with serving_apart(cluster.url, workers=2) as running:
            mirror = Mirror(running.port)
            writers.ports = readers.ports = [running.port]
            with mirror.following(), writers.writing(WRITERS), readers.reading(READERS):
                for nth in range(rounds):
                    primary = cluster.primary()
                    standby = cluster.other(primary)
                    least = len(writers.ids) + world.chance.randint(5, 40)
                    until(lambda n=least: len(writers.ids) >= n, 60, f"{least} writes")  # type: ignore[misc]
                    primary.sender().suspend()  # what is written from now on never gets there
                    behind = len(writers.ids) + 3 * WRITERS  # more than were on their way
                    with suppress(AssertionError):  # a synchronous standby acknowledges none
                        until(lambda n=behind: len(writers.ids) >= n, BEHIND, "behind")  # type: ignore[misc]
                    freezes = nth % 2 == 1
                    primary.signal(signal.SIGSTOP if freezes else signal.SIGKILL)
                    began = time.monotonic()
                    until(standby.is_primary, TAKES_OVER, "a new primary")
                    had = len(writers.ids)
                    took = until(
                        lambda n=had: (
                            len(writers.ids) > n and status_of(running.port, "/v1") == 200
                        ),  # type: ignore[misc]
                        60,
                        "written and read again",
                    )
                    back.append(took)
                    away.append(time.monotonic() - began)
                    if freezes:
                        primary.signal(signal.SIGCONT)  # and believes to be the primary
                    else:
                        primary.start()
                    until(lambda one=standby: cluster.is_whole(one), TAKES_OVER, "whole again")  # type: ignore[misc]
        assert set(writers.seen) <= {201, 503}, f"writes returned {dict(writers.seen)}"
        assert set(readers.seen) <= {200, 503}, f"reads returned {dict(readers.seen)}"
        assert_whole(cluster.url, writers.ids)
        service = practice(cluster.url)
        with service.client:
            feed = list(service.rows("/v1/changes?limit=1000&after=0"))
        assert mirror.seen == feed, "what a mirror has seen is not the feed"
    told = (
        f"{rounds} failovers, {len(writers.ids)} acknowledged, 0 lost, the mirror misses nothing; "
        f"away {max(away):.0f} s, back {max(back):.1f} s after the standby is primary; "
        f"{writers.seen[503]} writes and {readers.seen[503]} reads 503, "
        f"slowest {writers.slowest:.1f} and {readers.slowest:.1f} s"
    )
    for slowest, limit in ((readers.slowest, READ), (writers.slowest, WRITE), (max(back), BACK)):
        assert slowest < limit + SLACK, f"{told}; more than {limit:g} s"
    return told


CHECK = Check(
    "failovers",
    "the primary under Patroni killed or silent (`SIGSTOP`) under 4 writers and 4 readers",
    run,
    "an asynchronous standby",
    kinds=("postgresql",),
    sabotaged=("postgresql",),
    needs="patroni",
)
