"""`kill -9` of all workers under writers."""

import os
import signal

from chaos.checks import Check, World
from chaos.writers import Writers, assert_whole, days, practice
from tests.support.practice import SECRET
from tests.support.serving import serving, until

WRITERS, MOST = 8, 40  # acknowledged in a round before the kill


def run(world: World) -> str:
    """All that was acknowledged outlives each kill."""
    with world.databases.loaded() as url:
        key, numbers = practice(url).key(), days()
        acknowledged: list[str] = []
        rounds = world.rounds(3, 200)
        for _ in range(rounds):
            with serving(
                url, "--workers", "2",
                WORKPLAN_KEY_SECRET=SECRET, WORKPLAN_WEBHOOK_DELIVERY="false",
                CHAOS_SABOTAGE="early" if world.sabotage else "",
            ) as (port, process):  # fmt: skip
                writers, least = Writers([port], key, numbers), world.chance.randint(1, MOST)
                with writers.writing(WRITERS):
                    until(lambda w=writers, n=least: len(w.ids) >= n, 60, f"{least} writes")  # type: ignore[misc]
                    assert process.pid
                    os.killpg(process.pid, signal.SIGKILL)
                    writers.ended.set()
            acknowledged += writers.ids
        stored = assert_whole(url, acknowledged)
    return f"{rounds} kills, {len(acknowledged)} acknowledged, {stored} stored, 0 lost, 0 half done"


CHECK = Check(
    "kills",
    "`kill -9` of all workers under 8 writers",
    run,
    "the response is sent before the commit",
)
