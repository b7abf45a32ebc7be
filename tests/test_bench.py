"""The benchmark waits for slow servers, and a server that fails is a line and not the end."""

import itertools
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bench import servers
from bench.load import NoLoadError, wrk
from bench.servers import Server
from bench.tables import Measured, table, take_turns
from bench.writers import Written, reports_on, run
from bench.writers import table as table_of_writers

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


@contextmanager
def responding(statuses: Iterator[int]) -> Iterator[tuple[Server, list[bytes]]]:
    """A server that stores nothing: its responses to reports have these statuses."""
    seen: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def respond(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            if self.command == "POST":
                seen.append(self.path.encode() + self.rfile.read(length))
            self.send_response(next(statuses) if self.command == "POST" else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = respond  # noqa: N815 - their names

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield Server("ours", server.server_port, None, 0.0), seen  # type: ignore[arg-type]
        server.shutdown()
        thread.join()


def test_writers_report_on_each_task_and_day_once(capsys: pytest.CaptureFixture[str]) -> None:
    with responding(itertools.repeat(201)) as (server, seen):
        written = run(server, "wp_k", reports_on(["t1", "t2"]), "/read", 4, 0.1)
    assert len(seen) == len(set(seen)) > 4
    assert {one.split(b"{")[0] for one in seen} == {
        b"/v1/tasks/t1/reports",
        b"/v1/tasks/t2/reports",
    }
    assert written.per_second > 0
    assert 0 < written.p50 <= written.p99
    found = {("SQLite", 8): [Written(500.4, 3, 9, 1), Written(90, 2, 8, 1)], ("SQLite", 64): []}
    assert table_of_writers(found).splitlines()[2:] == [
        "| SQLite | 8 | 295 | 2.5 | 8.5 | 1.0 |",
        "| SQLite | 64 | failed | – | – | – |",
    ]


def test_a_report_that_is_not_stored_ends_the_run() -> None:
    statuses = itertools.chain([201, 201], itertools.repeat(503))
    with responding(statuses) as (server, _), pytest.raises(ExceptionGroup) as failed:
        run(server, "wp_k", reports_on(["t1"]), "/read", 2, 0.2)
    assert failed.group_contains(NoLoadError, match="/v1/tasks/t1/reports answered .* 503")
