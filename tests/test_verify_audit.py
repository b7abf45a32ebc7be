"""Somebody with full rights over the database changes the log; the stand-alone verifier finds it."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.writing.audit_log import canonical, lines_after, sha256
from app.writing.audit_verification import faults as faults_inside
from tests.support import ROOT
from tests.support.databases import Databases
from tests.support.practice import REPORTS, Service, a_report, practising
from tools.verify_audit import faults, main, read_checkpoints

VERIFIER = ROOT / "tools" / "verify_audit.py"
TAMPERINGS = 1000
Rows = list[tuple[str, str]]  # JSON and hash


@pytest.fixture(scope="module")
def service(databases: Databases) -> Iterator[Service]:
    with databases.loaded() as url, practising(url) as service:
        for month in range(1, 10):
            service.report(as_of=f"2022-0{month}-15")
            service.report(as_of=f"2022-0{month}-15")  # refused
        made = service.report(status="delayed").json()["id"]
        service.post(f"/v1/reports/{made}/withdrawal", {"reason": "试验"}, "coordinator")
        service.post(REPORTS, a_report(), agency="gd-energy")
        yield service


@pytest.fixture(scope="module")
def rows(service: Service) -> Rows:
    with service.session() as session:
        return [(row.line, row.hash) for row in lines_after(session)]


def exported(rows: Rows) -> str:
    return "".join(f"{line}\t{hash_}\n" for line, hash_ in rows)


def chained(lines: list[str]) -> Rows:
    """Lines as one who recomputes everything would leave them."""
    made: Rows = []
    for number, line in enumerate(lines, 1):
        told = {**json.loads(line), "seq": number, "previous": made[-1][1] if made else "0" * 64}
        made.append((canonical(told), sha256(canonical(told))))
    return made


def edited(line: str, chance: random.Random) -> str:
    """One character is another."""
    place = chance.randrange(len(line))
    other = chance.choice([c for c in "0123456789abcdef{}" if c != line[place]])
    return line[:place] + other + line[place + 1 :]


def other_words(line: str) -> str:
    told = json.loads(line)
    return canonical({**told, "agency": "gd-energy" if told["agency"] != "gd-energy" else "x"})


def tampered(rows: Rows, chance: random.Random) -> Rows:
    """The log after somebody was at it, in one of nine ways."""
    at = chance.randrange(len(rows))
    lines = [line for line, _ in rows]
    match chance.randrange(9):
        case 0:
            return [*rows[:at], (edited(rows[at][0], chance), rows[at][1]), *rows[at + 1 :]]
        case 1:  # with its own hash made new
            line = edited(rows[at][0], chance)
            return [*rows[:at], (line, sha256(line)), *rows[at + 1 :]]
        case 2:  # with the whole chain made new
            return chained([*lines[:at], other_words(lines[at]), *lines[at + 1 :]])
        case 3:
            return [*rows[:at], *rows[at + 1 :]]
        case 4:
            return chained([*lines[:at], *lines[at + 1 :]])
        case 5:
            return chained([*lines[:at], other_words(lines[at]), *lines[at:]])
        case 6:
            one, other = sorted(chance.sample(range(len(rows)), 2))
            swapped = list(rows)
            swapped[one], swapped[other] = swapped[other], swapped[one]
            return swapped
        case 7:  # the tail cut, or an older backup put back
            return rows[:at]
    return [*rows[:at], *chained(lines)[at + 1 :], rows[at]] if at < len(rows) - 1 else rows[:-1]


def test_1000_tamperings_are_all_found(rows: Rows) -> None:
    kept = {number: hash_ for number, (_, hash_) in enumerate(rows, 1)}
    chance = random.Random(3)  # noqa: S311 - the same each time
    for number in range(TAMPERINGS):
        log = tampered(rows, chance)
        assert log != rows
        assert faults(exported(log), kept), number


def test_one_kept_checkpoint_is_enough_for_all_before_it(rows: Rows) -> None:
    lines = [line for line, _ in rows]
    kept = {len(rows): rows[-1][1]}
    for at in range(len(rows)):
        new = chained([*lines[:at], other_words(lines[at]), *lines[at + 1 :]])
        assert faults(exported(new), {}) == []  # nobody could tell without a witness
        assert faults(exported(new), kept) != []


def test_a_whole_log_gives_no_alarm_and_may_have_grown(rows: Rows) -> None:
    kept = {number: hash_ for number, (_, hash_) in enumerate(rows[:5], 1)}
    for end in range(5, len(rows) + 1):
        assert faults(exported(rows[:end]), kept) == []
    assert faults("", {}) == []
    assert faults("", kept) != []


def test_it_runs_alone_and_says_what_it_found(service: Service, rows: Rows, tmp_path: Path) -> None:
    log, kept = tmp_path / "log.txt", tmp_path / "kept.json"
    log.write_bytes(exported(rows).encode())
    kept.write_text(service.client.get("/v1/audit/checkpoints?limit=1000").text, "utf-8")

    def run(*names: Path) -> tuple[int, str]:
        command = [sys.executable, "-I", str(VERIFIER), *map(str, names)]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    count = len(rows)
    assert run(log, kept) == (
        0, f"{count} lines, each fits the one before; {count} checkpoints fit.\n",
    )  # fmt: skip
    log.write_bytes(exported(rows[:-1]).encode())
    status, told = run(log, kept)
    assert (status, told) == (1, f"line {count}, which has a stored checkpoint, is missing\n")
    assert run(tmp_path / "nothing")[0] == 2
    assert len(VERIFIER.read_text("utf-8").splitlines()) <= 150


def test_checkpoints_that_contradict_each_other_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "log").write_text("")
    for name, digit in (("one", "1"), ("two", "2")):
        (tmp_path / name).write_text(json.dumps({"seq": 1, "hash": digit * 64}))
    names = [str(tmp_path / name) for name in ("log", "one", "two")]
    assert main(names) == 2
    assert "two checkpoints of line 1 differ" in capsys.readouterr().err
    assert read_checkpoints('{"seq": 1, "hash": "a"}\n{"seq": 2, "hash": "b"}') == {1: "a", 2: "b"}


def test_the_facts_are_what_the_log_says_was_written(service: Service) -> None:
    with service.session() as session:
        assert list(faults_inside(session, {})) == []
