"""Somebody with full rights over the database changes the audit log; an outside verifier finds it."""

import json
import subprocess
import sys

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.writing.audit_log import lines_after
from chaos.checks import Check, World
from chaos.writers import practice
from tests.support import ROOT
from tests.test_verify_audit import Rows, exported, tampered

WRITES = 20


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


def run(world: World) -> str:
    """Every tampering is found, with the published checkpoints."""
    count = world.rounds(50, 1000)
    log, kept = world.folder / "log.txt", world.folder / "kept.json"
    with world.databases.loaded() as url:
        service = practice(url)
        with service.client:
            for number in range(WRITES):
                assert service.report(as_of=f"2022-05-{number + 1:02}").status_code == 201
            published = service.client.get("/v1/audit/checkpoints?limit=1000").text
        kept.write_text('{"data": []}' if world.sabotage else published, "utf-8")

        def verify(rows: Rows) -> int:
            log.write_text(exported(rows), "utf-8")
            command = [
                sys.executable,
                "-I",
                str(ROOT / "tools/verify_audit.py"),
                str(log),
                str(kept),
            ]
            return subprocess.run(command, capture_output=True, check=False).returncode

        with service.session() as session:
            before = rows_of(session)
        assert verify(before) == 0, "a whole log gives an alarm"
        missed = 0
        for _ in range(count):
            rows = tampered(before, world.chance)
            try:
                with service.session() as session:
                    disable_triggers(session, world.kind)
                    session.execute(text("DELETE FROM audit_line"))
                    insert = text("INSERT INTO audit_line (seq, line, hash) VALUES (:n, :l, :h)")
                    for number, (line, hash_) in enumerate(rows, 1):
                        session.execute(insert, {"n": number, "l": line, "h": hash_})
                    session.flush()
                    missed += verify(rows_of(session)) == 0
                    raise UndoneError
            except UndoneError:
                pass
        with service.session() as session:
            assert rows_of(session) == before
        assert json.loads(published)["data"]
    assert not missed, f"{missed} of {count} tamperings were not found"
    return f"{count} tamperings, {count} found"


class UndoneError(Exception):
    """Put the log back as it was."""


CHECK = Check(
    "tampering",
    "the audit log edited, cut, reordered or made anew by somebody with all rights",
    run,
    "no published checkpoint was stored",
)
