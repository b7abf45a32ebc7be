"""A PostgreSQL that nobody else uses, durable as in production, to be killed and stopped."""

import os
import shlex
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg

from chaos.serving import until
from tests.support.databases import fill
from tests.support.postgresql import Server, running

DURABLE = ("fsync = on", "full_page_writes = on", "synchronous_commit = on")
# What is acknowledged waits for the next round of the process that writes the log.
NOT_DURABLE = ("synchronous_commit = off", "wal_writer_delay = '10s'")


class OwnPostgreSQL:
    """The server, its data, and what happens to it."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.data = Path(server.folder, "postgresql")

    def processes(self) -> list[psutil.Process]:
        """The postmaster and its children."""
        pid = int((self.data / "postmaster.pid").read_text("ascii").split()[0])
        postmaster = psutil.Process(pid)
        return [postmaster, *postmaster.children(recursive=True)]

    def kill(self) -> None:
        """All its processes at once."""
        processes = self.processes()
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        psutil.wait_procs(processes, timeout=10)

    def restart(self) -> None:
        """As it was started before, until it accepts connections."""
        command = shlex.split((self.data / "postmaster.opts").read_text())
        owner = self.data.stat()
        subprocess.Popen(
            command,
            user=owner.st_uid if os.geteuid() == 0 else None,
            group=owner.st_gid if os.geteuid() == 0 else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.data,
            start_new_session=True,
        )
        until(self.responds, 60, "back")

    def responds(self) -> bool:
        """Whether it accepts connections."""
        try:
            psycopg.connect(self.server.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """All its processes stand still."""
        processes = self.processes()
        try:
            for process in processes:
                process.suspend()
            yield
        finally:
            for process in processes:
                with suppress(psutil.NoSuchProcess):
                    process.resume()


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
