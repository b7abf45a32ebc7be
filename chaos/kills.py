"""`kill -9` of all workers under writers."""

from chaos.checks import Check, World
from chaos.writers import Writers, assert_whole, days, practice
from tests.support.serving import serving_apart, until

WRITERS, MOST = 8, 40  # acknowledged in a round before the kill


def run(world: World) -> str:
    """All that was acknowledged outlives each kill."""
    with world.databases.loaded() as url:
        key, numbers = practice(url).key(), days()
        acknowledged: list[str] = []
        rounds = world.rounds(3, 200)
        for _ in range(rounds):
            sabotage = "early" if world.sabotage else ""
            with serving_apart(url, workers=2, sabotage=sabotage) as running:
                writers, least = (
                    Writers([running.port], key, numbers),
                    world.chance.randint(1, MOST),
                )
                with writers.writing(WRITERS):
                    until(lambda w=writers, n=least: len(w.ids) >= n, 60, f"{least} writes")  # type: ignore[misc]
                    running.kill()
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
