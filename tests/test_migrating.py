"""Instances that start at once: one migrates and loads, the others wait for it, none fails."""

from pathlib import Path

from sqlalchemy import text

from app.db.engine import open_engine
from tests.support.executing import execute

INSTANCES = 5
# They import everything once; each goes on as a process of its own, when all are there.
PROGRAM = """
import os, sys
from alembic import command
from alembic.config import Config
from app.db import engine
from app.projections import known_names, rebuilding, search_index  # which the migrations import
engine.BUSY_SECONDS = 0.05  # of whoever does not ask to wait longer
engine.open_engine.__kwdefaults__["wait"] = 0.05
engine._set_up_sqlite.__kwdefaults__["wait"] = 0.05
ready, go = os.pipe(), os.pipe()
children = []
for _ in range(INSTANCES):
    if not (child := os.fork()):
        os.close(go[1])
        os.write(ready[1], b"x")
        os.read(go[0], 1)
        try:
            command.upgrade(Config(toml_file="pyproject.toml"), "head")
        except BaseException as error:
            print(error, file=sys.stderr)
            os._exit(1)
        os._exit(0)
    children.append(child)
for _ in children:
    os.read(ready[0], 1)
os.close(go[0]), os.close(go[1])
print(*[os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children])
"""


def program(instances: int) -> str:
    """The source of a program that starts so many."""
    return f"INSTANCES = {instances}\n{PROGRAM}"


def test_of_instances_that_start_at_once_one_migrates_and_none_fails(
    empty_url: str, tmp_path: Path
) -> None:
    printed = execute(program(INSTANCES), tmp_path / "printed", WORKPLAN_DATABASE_URL=empty_url)
    assert printed.split() == ["0"] * INSTANCES, printed
    engine = open_engine(empty_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1
        assert connection.execute(text("SELECT count(*) FROM revision")).scalar() == 1
    engine.dispose()
