"""The previous release serves and writes while this one migrates, and beside it afterwards."""

import io
import json
import os
import subprocess
import sys
import tarfile
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from sqlalchemy import text

from app.db.engine import open_engine
from chaos.checks import Check, World
from chaos.readers import Readers
from chaos.writers import Writers, assert_whole, days
from tests.support import ROOT
from tests.support.practice import LEAD, SECRET
from tests.support.serving import (
    PATIENCE,
    Running,
    get,
    serving_apart,
    until,
)

PREVIOUS = "6743bc419ba93fb08826e8fe4f2723a66194bd97"  # the commit of release 0.6.0
WRITERS = 4
# What both must give, whoever wrote it; ids and totals, as a later release may add members.
LISTS = (
    "/v1/tasks?limit=1000",
    "/v1/tasks?limit=1000&sort=title&status=not_reported",
    "/v1/tasks?limit=1000&q=%E5%B9%B3%E5%8F%B0&year=2022",
    "/v1/targets?limit=1000&sort=code",
    "/v1/agencies?limit=1000&role=lead",
    "/v1/platforms?limit=1000&year=2022",
    "/v1/reports?limit=1000",
    "/v1/search?limit=100&q=%E6%95%B0%E6%8D%AE",
)


def has_history() -> bool:
    """Whether the repository has the previous release; a shallow clone has not."""
    known = ["git", "cat-file", "-e", f"{PREVIOUS}^{{commit}}"]
    return subprocess.run(known, cwd=ROOT, capture_output=True, check=False).returncode == 0


class Previous:
    """The previous release in a folder of its own."""

    def __init__(self, folder: Path, url: str) -> None:
        archive = ["git", "archive", "--format=tar", PREVIOUS, "app", "migrations", "seed"]
        archive += ["pyproject.toml", "openapi.yaml"]
        made = subprocess.run(archive, cwd=ROOT, capture_output=True, check=True).stdout
        self.folder = folder / "previous"
        with tarfile.open(fileobj=io.BytesIO(made)) as files:
            files.extractall(self.folder, filter="data")
        self.environment = {
            **os.environ,
            "WORKPLAN_DATABASE_URL": url,
            "WORKPLAN_KEY_SECRET": SECRET,
            "WORKPLAN_WEBHOOK_DELIVERY": "false",
        }

    def run(self, *arguments: str) -> str:
        """What a command prints."""
        command = [sys.executable, "-m", *arguments]
        ran = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return ran.stdout

    def serving(self) -> AbstractContextManager[Running]:
        """It, once it is ready."""
        url = self.environment["WORKPLAN_DATABASE_URL"]
        return serving_apart(url, program="app", folder=self.folder)


def migrate(previous: Previous, *, sabotage: bool) -> None:
    """As this release does."""
    command = [sys.executable, "-m", "seed", "load", "--migrate"]
    subprocess.run(command, cwd=ROOT, env=previous.environment, capture_output=True, check=True)
    if sabotage:
        engine = open_engine(previous.environment["WORKPLAN_DATABASE_URL"], wait=PATIENCE)
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM fitting_revision"))
        engine.dispose()


def listed(port: int, path: str) -> tuple[int, list[str]]:
    """Total and ids of a list."""
    status, body = get(port, path)
    assert status == 200, f"{path}: {status}"
    page = json.loads(body)
    return page["page"]["total"], [one["id"] for one in page["data"]]


def run(world: World) -> str:
    """No read of the previous release fails, no acknowledged write is lost, and both say the same."""
    with ExitStack() as stack:
        url = stack.enter_context(world.databases.empty())
        previous = Previous(world.folder, url)
        previous.run("seed", "load", "--migrate")
        issued = previous.run(
            "app", "keys", "issue", "--role", "reporter", "--agency", LEAD, "--holder", "chaos"
        )
        key = next(word for word in issued.split() if word.startswith("wp_"))
        before = stack.enter_context(previous.serving()).port
        numbers, more = days(), world.rounds(20, 500)
        lists, states = Readers([before]), Readers([before], "/readyz")
        acknowledged: list[str] = []
        with lists.reading(1), states.reading(1):
            alone = Writers([before], key, numbers)
            with alone.writing(WRITERS):
                until(lambda: len(alone.ids) >= more, PATIENCE, f"{more} writes")
                migrate(previous, sabotage=world.sabotage)
                written = len(alone.ids)
                until(lambda: len(alone.ids) >= written + more, PATIENCE, "written after migrating")
            acknowledged += alone.ids
            after = stack.enter_context(serving_apart(url)).port
            both = Writers([before, after], key, numbers)
            with both.writing(WRITERS):
                until(lambda: len(both.ids) >= 2 * more, PATIENCE, f"{2 * more} writes of both")
            acknowledged += both.ids
        seen = lists.seen + states.seen
        failed = seen.total() - seen[200]
        assert not failed, f"{failed} of {seen.total()} reads failed: {dict(seen)}"
        for path in LISTS:
            assert listed(before, path) == listed(after, path), path
        stored = assert_whole(url, acknowledged)
    return (
        f"{seen[200]} reads of it, 0 failed; {len(acknowledged)} acknowledged, "
        f"{stored} stored, 0 lost; {len(LISTS)} lists the same"
    )


CHECK = Check(
    "previous-release",
    "this release migrates while 0.6.0 serves under 4 writers, then both serve",
    run,
    "the revisions that fit the tables removed",
    needs="history",
)
