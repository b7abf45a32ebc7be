"""Twenty instances start at once on an empty database."""

import subprocess
import sys

from sqlalchemy import text

from app.db.engine import open_engine
from chaos.checks import Check, World
from tests.support import ROOT
from tests.test_migrating import program

INSTANCES = 20
PATIENT = "engine.BUSY_SECONDS = 0.05"  # of whoever does not migrate
SABOTAGE = "; engine.STARTING_SECONDS = 0.05; engine.lock_writers = lambda connection: None"


def run(world: World) -> str:
    """One migrates, none fails."""
    rounds = world.rounds(1, 20)
    for _ in range(rounds):
        with world.databases.empty() as url:
            source = program(INSTANCES)
            if world.sabotage:
                assert PATIENT in source
                source = source.replace(PATIENT, PATIENT + SABOTAGE)
            ended = subprocess.run(
                [sys.executable, "-c", source],
                cwd=ROOT,
                env={"WORKPLAN_DATABASE_URL": url, "PYTHONPATH": str(ROOT)},
                capture_output=True,
                text=True,
                check=True,
            )
            failed = sum(status != "0" for status in ended.stdout.split())
            assert not failed, f"{failed} of {INSTANCES} failed"
            engine = open_engine(url)
            with engine.connect() as connection:
                assert connection.scalar(text("SELECT count(*) FROM revision")) == 1
            engine.dispose()
    return f"{rounds} × {INSTANCES} instances: 1 migrated, 0 failed"


CHECK = Check(
    "starts",
    "20 instances start at once on an empty database",
    run,
    "SQLite: waiting 0.05 s for another instance, not 15 minutes; PostgreSQL: no lock",
)
