"""Somebody with full rights over the database changes the audit log; an outside verifier finds it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.writing.audit_log import lines_after
from chaos.checks import Check, World
from chaos.writers import practice
from tests.support import ROOT
from tests.test_verify_audit import Rows, exported, tampered
from tools.verify_audit import main as verify

WRITES = 20
VERIFIER = ROOT / "tools" / "verify_audit.py"


def rows_of(session: Session) -> Rows:
    return [(row.line, row.hash) for row in lines_after(session)]


def disable_triggers(session: Session, kind: str) -> None:
    """Which only stop those who do not have all rights."""
    if kind == "postgresql":
        session.execute(text("ALTER TABLE audit_line DISABLE TRIGGER ALL"))
        return
    found = text(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_line'"
    )
    for name in session.scalars(found).all():
        session.execute(text(f"DROP TRIGGER {name}"))


@contextmanager
def replaced(session: Session, rows: Rows) -> Iterator[None]:
    """Other rows in the table, which is as it was afterwards."""
    savepoint = session.begin_nested()
    session.execute(text("DELETE FROM audit_line"))
    insert = text("INSERT INTO audit_line (seq, line, hash) VALUES (:n, :l, :h)")
    numbered = [
        {"n": number, "l": line, "h": hash_} for number, (line, hash_) in enumerate(rows, 1)
    ]
    if numbered:
        session.execute(insert, numbered)
    try:
        yield
    finally:
        savepoint.rollback()


class Verifier:
    """Somebody outside, with an exported log and what was published."""

    def __init__(self, folder: Path, published: str) -> None:
        self.log, kept = folder / "log.txt", folder / "kept.json"
        kept.write_text(published, "utf-8")
        self.files = [str(self.log), str(kept)]

    def finds(self, rows: Rows) -> bool:
        """Whether it gives an alarm, here without the start of an interpreter."""
        self.log.write_text(exported(rows), "utf-8")
        with redirect_stdout(StringIO()):
            status = verify(self.files)
        assert status in {0, 1}, "the verifier could not read what it was given"
        return status == 1

    def finds_alone(self, rows: Rows) -> bool:
        """The same as a program of its own."""
        self.log.write_text(exported(rows), "utf-8")
        command = [sys.executable, "-I", str(VERIFIER), *self.files]
        return subprocess.run(command, capture_output=True, check=False).returncode == 1


def run(world: World) -> str:
    """Every tampering is found, with the published checkpoints."""
    count = world.rounds(50, 1000)
    with world.databases.loaded() as url:
        service = practice(url)
        with service.client:
            for number in range(WRITES):
                assert service.report(as_of=f"2022-05-{number + 1:02}").status_code == 201
            published = service.client.get("/v1/audit/checkpoints?limit=1000").text
        assert json.loads(published)["data"]
        verifier = Verifier(world.folder, '{"data": []}' if world.sabotage else published)
        with service.session() as session:
            before = rows_of(session)
            disable_triggers(session, world.kind)
            for find in (verifier.finds, verifier.finds_alone):
                assert not find(before), "a whole log gives an alarm"
                assert find(before[1:]), "a log without its first line gives none"
            missed = 0
            for _ in range(count):
                with replaced(session, tampered(before, world.chance)):
                    missed += not verifier.finds(rows_of(session))
            assert rows_of(session) == before
            session.rollback()  # and the triggers are back
    assert not missed, f"{missed} of {count} tamperings were not found"
    return f"{count} tamperings, {count} found"


CHECK = Check(
    "tampering",
    "the audit log edited, cut, reordered or made anew by somebody with all rights",
    run,
    "no published checkpoint was stored",
)
