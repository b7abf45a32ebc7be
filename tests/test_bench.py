"""The benchmark waits for slow servers, and a server that fails is a line and not the end."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from bench import servers
from bench.load import NoLoadError, wrk
from bench.servers import Server
from bench.tables import Measured, table, take_turns

# It says what wrk 4.1 says; a path names what comes of it.
WRK = """#!/bin/sh
echo "$@" >> {folder}/asked
case "$*" in
  *timeout=??s*slow*) rate=0.50 p99=2.50s;;
  *slow*|*broken*) rate=10.00 p99=1.00ms; echo "  Socket errors: connect 0, read 0, timeout 9";;
  *gone*) echo "unable to connect" >&2; exit 1;;
  *silent*) rate=0.00 p99=0.00us;;
  *) rate=200.00 p99=3.00ms;;
esac
echo "     99%    $p99"
echo "Requests/sec:    $rate"
"""


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a wrk that is none writes how it was called."""
    program = tmp_path / "wrk"
    program.write_text(WRK.format(folder=tmp_path))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return tmp_path / "asked"


def line(name: str) -> Measured:
    return Measured(name, Server(name, 1, None, 0.0), f"/{name}", {})  # type: ignore[arg-type]


def test_a_response_that_takes_longer_than_wrk_waits_by_itself_is_waited_for(asked: Path) -> None:
    run = wrk("http://there/slow", 3, {"Accept": "text/csv"})
    assert (run.per_second, run.p99) == (0.5, 2500)
    assert "-d3s" in asked.read_text()
    assert "-H Accept: text/csv" in asked.read_text()


@pytest.mark.parametrize("path", ["broken", "gone"])
def test_a_server_that_breaks_under_load_is_named(asked: Path, path: str) -> None:
    with pytest.raises(NoLoadError, match=f"http://there/{path} failed under load"):
        wrk(f"http://there/{path}", 3, {})


def test_a_server_that_fails_is_a_line_of_the_table_and_is_left_alone_then(
    asked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = take_turns(2, 3, [line(name) for name in ("ours", "gone", "silent", "slow", "last")])
    assert table("tasks", found, "last", "gone", "slow").splitlines() == [
        "| tasks | requests/s | to last | to gone | to slow | p99 ms |",
        "|---|---|---|---|---|---|",
        "| ours | 200 | 1.00 | – | 400.0 | 3.0 |",
        "| gone | failed | – | – | – | – |",
        "| silent | failed | – | – | – | – |",
        "| slow | 0.5 | 0.00 | – | 1.0 | 2500.0 |",
        "| last | 200 | 1.00 | – | 400.0 | 3.0 |",
    ]
    assert asked.read_text().count("/gone") == 1
    assert asked.read_text().count("/last") == 2 * 2
    told = capsys.readouterr().err
    assert "gone: http://127.0.0.1:1/gone failed under load:\nunable to connect" in told
    assert "silent: no response within 3 s" in told


def test_a_benchmark_loads_no_notices_of_an_operator_which_may_be_unfinished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "zz-plan-2030").mkdir()
    monkeypatch.setenv("WORKPLAN_NOTICES", str(tmp_path))
    seen: list[tuple[str, list[Path]]] = []

    def run(_: object, *, env: Mapping[str, str], **_options: object) -> None:
        notices = Path(env["WORKPLAN_NOTICES"])
        seen.append((env["WORKPLAN_DATABASE_URL"], list(notices.iterdir())))

    monkeypatch.setattr(subprocess, "run", run)
    servers.load("sqlite:///new.db")
    assert seen == [("sqlite:///new.db", [])]
