"""The file of SQLite moved away, and replaced by an earlier copy, under writers."""

import sqlite3
import time
from pathlib import Path

from chaos.checks import Check, World, file_of
from chaos.writers import Writers, assert_whole, days, practice
from tests.support.serving import serving_apart, status_of, until

WRITERS, BACK = 4, 2.5  # seconds
ENDS = ("", "-wal", "-shm")


def copy(source: Path, target: Path) -> None:
    """A consistent copy while others write."""
    with sqlite3.connect(source) as origin, sqlite3.connect(target) as other:
        origin.backup(other)
    origin.close()
    other.close()


def move(source: Path, target: Path) -> None:
    for end in ENDS:
        part = source.with_name(source.name + end)
        if part.exists():
            part.replace(target.with_name(target.name + end))


def run(world: World) -> str:
    """What is acknowledged after the file went is in the file that is in its place."""
    rounds = world.rounds(3, 30)
    sabotage = "blind" if world.sabotage else ""
    with world.databases.loaded() as url:
        path, key, numbers = file_of(url), practice(url).key(), days()
        whole: list[str] = []  # what was acknowledged and must be there
        with serving_apart(url, workers=2, sabotage=sabotage) as running:
            for nth in range(rounds):
                away, earlier = world.folder / f"away{nth}.db", world.folder / f"earlier{nth}.db"
                writers = Writers([running.port], key, numbers)
                with writers.writing(WRITERS):
                    until(lambda w=writers: len(w.ids) > 3, 60, "writing")  # type: ignore[misc]
                    time.sleep(world.chance.random())
                    move(path, away)
                    gone = time.monotonic()
                    time.sleep(world.chance.uniform(1, 2))
                    told = status_of(running.port, "/readyz")
                    wrong = writers.sent_after(gone)
                    assert not wrong, f"{len(wrong)} writes without a file were acknowledged"
                    assert told == 503, f"/readyz returned {told} without a file"
                    move(away, path)
                    had = len(writers.ids)
                    until(lambda w=writers, n=had: len(w.ids) > n, BACK, "back")  # type: ignore[misc]
                whole += writers.ids
                assert_whole(url, whole)
                writers = Writers([running.port], key, numbers)
                copy(path, earlier)
                with writers.writing(WRITERS):
                    until(lambda w=writers: len(w.ids) > 3, 60, "writing")  # type: ignore[misc]
                    move(path, away)
                    earlier.replace(path)
                    placed = time.monotonic()
                    until(
                        lambda w=writers, p=placed: len(w.sent_after(p)) > 3,  # type: ignore[misc]
                        BACK + 2,
                        "writing into the copy",
                    )
                whole += writers.sent_after(placed)
                assert_whole(url, whole)
    return (
        f"{rounds} times each; {len(whole)} acknowledged and stored, none of them without a file "
        f"or in a file that was replaced; `/readyz` 503 while it is away"
    )


CHECK = Check(
    "files",
    "the file of SQLite moved away and back; replaced by an earlier copy",
    run,
    "never looking whether the file is in its place",
    kinds=("sqlite",),
    sabotaged=("sqlite",),
)
