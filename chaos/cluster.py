"""The shipped cluster of PostgreSQL under Patroni, with its two machines and etcd on this one."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
import yaml

from chaos.own_postgresql import programs
from tests.support import ROOT
from tests.support.databases import fill
from tests.support.serving import free_port, until

ON, PASSWORD = "127.0.0.1", "not-a-secret"
SHIPPED = ROOT / "deploy" / "patroni" / "patroni.yaml"
FORMS, JOINS = 90, 120  # seconds, on a machine that does other things


class Machine:
    """A PostgreSQL and the Patroni that watches it."""

    def __init__(self, cluster: "Cluster", name: str) -> None:
        self.cluster, self.name = cluster, name
        self.folder = cluster.folder / name
        self.data = self.folder / "data"
        self.port, self.rest = free_port(), free_port()
        self.patroni: psutil.Popen | None = None

    def start(self) -> None:
        """Patroni, which starts its PostgreSQL as what the cluster needs."""
        file = self.folder / "patroni.yaml"
        file.write_text(yaml.safe_dump(self.configuration()), "utf-8")
        self.patroni = self.cluster.run("patroni", str(file), log=self.folder / "patroni.log")

    def configuration(self) -> dict[str, Any]:
        """The shipped one with other addresses and paths."""
        found: dict[str, Any] = yaml.safe_load(SHIPPED.read_text("utf-8"))
        found["name"] = self.name
        address, rest = f"{ON}:{self.port}", f"{ON}:{self.rest}"
        found["restapi"] = {"listen": rest, "connect_address": rest}
        found["etcd3"]["hosts"] = [f"{ON}:{self.cluster.etcd}"]
        local = found["postgresql"]
        local |= {"listen": address, "connect_address": address}
        local |= {"data_dir": str(self.data), "bin_dir": str(programs())}
        local["pg_hba"] = [line.replace("10.0.0.0/24", f"{ON}/32") for line in local["pg_hba"]]
        local["parameters"] = {"unix_socket_directories": str(self.folder)}
        if not self.cluster.synchronous:
            shared = found["bootstrap"]["dcs"]
            shared["synchronous_mode"] = False
        return found

    def processes(self) -> list[psutil.Process]:
        """Patroni, the postmaster and all their children."""
        found = [self.patroni] if self.patroni else []
        with suppress(OSError, psutil.NoSuchProcess):
            pid = (self.data / "postmaster.pid").read_text("ascii").split()[0]
            found.append(psutil.Process(int(pid)))
        children = [child for one in found if one.is_running() for child in one.children(True)]
        return [*found, *children]

    def signal(self, number: signal.Signals) -> None:
        """All its processes at once, as if it were the machine."""
        processes = self.processes()
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        if number is signal.SIGKILL:
            psutil.wait_procs(processes, timeout=10)

    def ask(self, statement: str, database: str = "postgres") -> Any:
        """The first value as its superuser; None if it does not respond."""
        with suppress(psycopg.Error), psycopg.connect(
            host=ON, port=self.port, user="postgres", password=PASSWORD, dbname=database,
            connect_timeout=2, autocommit=True,
        ) as connection:  # fmt: skip
            cursor = connection.execute(statement.encode())
            return (cursor.fetchone() or [True])[0] if cursor.description else True
        return None

    def is_primary(self) -> bool:
        return self.ask("SELECT pg_is_in_recovery()") is False

    def has_standby(self) -> bool:
        """Whether the other follows it, in the way that this cluster promises."""
        state = "sync" if self.cluster.synchronous else "async"
        follows = "SELECT max(sync_state) FROM pg_stat_replication WHERE state = 'streaming'"
        return bool(self.ask(follows) == state)

    def sender(self) -> psutil.Process:
        """The process of this primary that sends what it writes to the standby."""
        pid = self.ask("SELECT pid FROM pg_stat_replication WHERE state = 'streaming'")
        assert pid, "no standby follows"
        return psutil.Process(pid)


class Cluster:
    """Both machines; processes run as the user who may run PostgreSQL."""

    def __init__(self, folder: Path, owner: os.stat_result, *, synchronous: bool) -> None:
        self.folder, self.owner, self.synchronous = folder, owner, synchronous
        self.etcd = free_port()
        self.machines = [Machine(self, "database-1"), Machine(self, "database-2")]
        self.url = (
            f"postgresql://workplan:{PASSWORD}@/workplan?host={ON},{ON}"
            f"&port={','.join(str(one.port) for one in self.machines)}"
            "&target_session_attrs=read-write"
        )

    def run(self, program: str, *arguments: str, log: Path) -> psutil.Popen:
        path = shutil.which(program)
        assert path
        root = os.geteuid() == 0
        with log.open("ab") as file:
            return psutil.Popen(
                [path, *arguments],
                user=self.owner.st_uid if root else None,
                group=self.owner.st_gid if root else None,
                env=os.environ
                | {
                    "PATRONI_SUPERUSER_PASSWORD": PASSWORD,
                    "PATRONI_REPLICATION_PASSWORD": PASSWORD,
                    "HOME": str(self.folder),
                },
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )

    def primary(self) -> Machine:
        """The one that is, once there is one with a standby."""
        until(lambda: any(self.is_whole(one) for one in self.machines), JOINS, "two machines")
        return next(one for one in self.machines if one.is_primary())

    def is_whole(self, one: Machine) -> bool:
        return one.is_primary() and one.has_standby()

    def other(self, machine: Machine) -> Machine:
        return next(one for one in self.machines if one is not machine)


@contextmanager
def clustered(folder: Path, owner: os.stat_result, *, synchronous: bool) -> Iterator[Cluster]:
    """A cluster that is whole, with the notice loaded."""
    cluster = Cluster(folder, owner, synchronous=synchronous)
    for place in (folder, *(one.folder for one in cluster.machines)):
        place.mkdir(exist_ok=True)
        os.chown(place, owner.st_uid, owner.st_gid)
    clients, peers = f"http://{ON}:{cluster.etcd}", f"http://{ON}:{free_port()}"
    with ExitStack() as stack:
        etcd = cluster.run(
            "etcd", "--data-dir", str(folder / "etcd"),
            "--listen-client-urls", clients, "--advertise-client-urls", clients,
            "--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers,
            "--initial-cluster", f"default={peers}",
            log=folder / "etcd.log",
        )  # fmt: skip
        stack.callback(etcd.kill)
        first, second = cluster.machines
        stack.callback(first.signal, signal.SIGKILL)
        first.start()
        until(first.is_primary, FORMS, "a primary")
        stack.callback(second.signal, signal.SIGKILL)
        second.start()
        primary = cluster.primary()
        for statement in (
            f"CREATE ROLE workplan LOGIN PASSWORD '{PASSWORD}'",
            "CREATE DATABASE workplan OWNER workplan",
        ):
            assert primary.ask(statement)
        fill(cluster.url)
        yield cluster
