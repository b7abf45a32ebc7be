"""PostgreSQL killed and restarted, and silent: reads and writes end in time, and all is back."""

import time

from chaos.checks import Check, World
from chaos.own_postgresql import own_postgresql
from chaos.readers import Readers
from chaos.writers import Writers, assert_whole, days, practice
from tests.support.postgresql import stopped
from tests.support.serving import serving_apart, status_of, until

READ, READY, WRITE, BACK = 3.0, 2.0, 10.0, 2.0  # seconds, as docs/settings.md promises
SLACK = 0.5  # seconds that a busy machine adds to each
WRITERS, READERS = 4, 4


def restarts(world: World) -> str:
    """The server is killed with all its processes, and comes back."""
    with own_postgresql(durable=not world.sabotage) as own:
        url, rounds, slowest = own.server.url, world.rounds(2, 20), 0.0
        writers, readers = Writers([], practice(url).key(), days()), Readers([])
        own.server.execute("CHECKPOINT")  # the key is there, whatever is lost
        with serving_apart(url, workers=2) as running:
            writers.ports = readers.ports = [running.port]
            with writers.writing(WRITERS), readers.reading(READERS):
                for _ in range(rounds):
                    least = len(writers.ids) + world.chance.randint(5, 40)
                    until(lambda n=least: len(writers.ids) >= n, 60, f"{least} writes")  # type: ignore[misc]
                    own.kill()
                    time.sleep(world.chance.uniform(0.2, 2))
                    own.restart()
                    had = len(writers.ids)
                    took = until(lambda n=had: len(writers.ids) > n, 60, "written again")  # type: ignore[misc]
                    slowest = max(slowest, took)
        assert set(writers.seen) <= {201, 503}, f"writes returned {dict(writers.seen)}"
        assert set(readers.seen) <= {200, 503}, f"reads returned {dict(readers.seen)}"
        assert_whole(url, writers.ids)
        assert slowest < BACK + SLACK, f"writes were back after {slowest:.1f} s"
    return (
        f"{rounds} kills, {len(writers.ids)} acknowledged, 0 lost, {writers.seen[503]} writes and "
        f"{readers.seen[503]} reads 503; writes back after at most {slowest:.1f} s"
    )


def silence(world: World) -> str:
    """The server says nothing, not even no."""
    with own_postgresql() as own:
        url, rounds = own.server.url, world.rounds(2, 10)
        writers, readers = Writers([], practice(url).key(), days()), Readers([])
        ready = Readers([], "/readyz")
        back = 0.0
        with serving_apart(url, workers=2, sabotage="patient" if world.sabotage else "") as running:
            writers.ports = readers.ports = ready.ports = [running.port]
            for _ in range(rounds):
                writers.ended.clear()
                with (
                    writers.writing(WRITERS),
                    readers.reading(READERS),
                    ready.reading(1),
                ):
                    had = len(writers.ids)
                    until(lambda n=had: len(writers.ids) > n, 60, "writing")  # type: ignore[misc]
                    with stopped(own.server):
                        time.sleep(world.rounds(6, 60))
                    had, port = len(writers.ids), running.port
                    took = until(
                        lambda n=had, p=port: (
                            len(writers.ids) > n and status_of(p, "/readyz") == 200
                        ),  # type: ignore[misc]
                        60,
                        "back",
                    )
                    back = max(back, took)
        for what, seen, slowest, limit in (
            ("reads", readers.seen, readers.slowest, READ),
            ("/readyz", ready.seen, ready.slowest, READY),
            ("writes", writers.seen, writers.slowest, WRITE),
        ):
            assert set(seen) <= {200, 201, 503}, f"{what}: {dict(seen)}"
            assert slowest < limit + SLACK, f"{what} took {slowest:.1f} s"
        assert back < BACK + SLACK, f"back after {back:.1f} s"
        assert_whole(url, writers.ids)
    return (
        f"{rounds} silences of {world.rounds(6, 60)} s; slowest read {readers.slowest:.1f} s, "
        f"`/readyz` {ready.slowest:.1f} s, write {writers.slowest:.1f} s; all back after at most "
        f"{back:.1f} s; {len(writers.ids)} acknowledged, 0 lost"
    )


RESTARTS = Check(
    "restarts",
    "PostgreSQL killed (`kill -9`) and restarted under 4 writers and 4 readers",
    restarts,
    "`synchronous_commit = off`",
    kinds=("postgresql",),
    sabotaged=("postgresql",),
)
SILENCE = Check(
    "silence",
    "PostgreSQL silent (`SIGSTOP`) under 4 writers and 4 readers",
    silence,
    "waiting a minute for a response",
    kinds=("postgresql",),
    sabotaged=("postgresql",),
)
