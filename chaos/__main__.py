"""`python -m chaos`: run the checks, or their sabotages, and print what happened as a table."""

import argparse
import random
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from contextlib import ExitStack
from pathlib import Path

from chaos import (
    clocks,
    cuts,
    database_away,
    disks,
    failovers,
    files,
    hostile,
    kills,
    point_in_time,
    postgresql_disk,
    power,
    read_only,
    releases,
    restores,
    rolling,
    slow_clients,
    starts,
    tampering,
)
from chaos.checks import Check, Tool, World
from chaos.network import has_networks
from tests.support.databases import Databases, PostgreSQL, SQLite
from tests.support.postgresql import Server, running

CHECKS: list[Check] = [
    kills.CHECK,
    database_away.RESTARTS,
    database_away.SILENCE,
    cuts.CHECK,
    failovers.CHECK,
    disks.CHECK,
    read_only.CHECK,
    postgresql_disk.CHECK,
    files.CHECK,
    slow_clients.CHECK,
    rolling.CHECK,
    releases.CHECK,
    tampering.CHECK,
    hostile.CHECK,
    clocks.CHECK,
    restores.CHECK,
    point_in_time.CHECK,
    power.CHECK,
    starts.CHECK,
]


def has_namespaces() -> bool:
    if not shutil.which("unshare"):
        return False
    return subprocess.run(["unshare", "-rm", "true"], check=False).returncode == 0


def has_patroni() -> bool:
    """Whether it is of the version that the shipped configuration is for."""
    if not (shutil.which("patroni") and shutil.which("etcd")):
        return False
    version = subprocess.run(["patroni", "--version"], capture_output=True, text=True, check=False)
    return version.stdout.startswith("patroni 4")


TOOLS = {
    "nginx": Tool(
        lambda: bool(shutil.which("nginx")),
        "slow clients and rolling restarts through the shipped proxy; without it they go direct",
        "apt-get install nginx-light",
    ),
    "namespaces": Tool(
        has_namespaces,
        "full disks",
        "apt-get install util-linux; as root, or with kernel.unprivileged_userns_clone=1",
    ),
    "networks": Tool(
        has_networks, "networks that are cut", "apt-get install iproute2; as root, on Linux"
    ),
    "loop devices": Tool(
        read_only.has_loops,
        "disks that become read-only, and those of PostgreSQL",
        "apt-get install e2fsprogs util-linux; as root, where there is /dev/loop-control",
    ),
    "redis-server": Tool(
        lambda: bool(shutil.which("redis-server")),
        "nothing here: tests/api/test_rate_limits.py has its failures",
        "apt-get install redis-server",
    ),
    "patroni": Tool(
        has_patroni,
        "failovers of the shipped cluster",
        "Patroni 4: apt-get install etcd-server python3-venv; python3 -m venv /opt/patroni; "
        "/opt/patroni/bin/pip install 'patroni[etcd3]' 'psycopg[binary]'; "
        "PATH=/opt/patroni/bin:$PATH make chaos. As root, not below /root: Patroni and PostgreSQL "
        "run as another user, who must be able to read it",
    ),
    "history": Tool(
        releases.has_history, "the previous release beside this one", "git fetch --unshallow"
    ),
    "strace": Tool(lambda: bool(shutil.which("strace")), "power cuts", "apt-get install strace"),
    "buildah": Tool(
        lambda: bool(shutil.which("buildah")), "`make image`", "apt-get install buildah"
    ),
}


def run(check: Check, databases: Databases, arguments: argparse.Namespace) -> tuple[bool, str]:
    """Whether the guarantee held, and what happened."""
    with tempfile.TemporaryDirectory(prefix="workplan-chaos-") as folder:
        chance = random.Random(f"{arguments.seed} {check.name} {databases.kind}")  # noqa: S311
        world = World(databases, Path(folder), chance, arguments.full, arguments.sabotage)
        try:
            return True, check.run(world)
        except AssertionError as broken:
            first, *more = (str(broken) or traceback.format_exc().splitlines()[-2]).splitlines()
            print(*more, sep="\n", end="\n" * bool(more), file=sys.stderr)
            return False, first
        except Exception:  # noqa: BLE001 - the other checks go on
            traceback.print_exc()
            return arguments.sabotage, "the check itself failed"


def table(server: Server, arguments: argparse.Namespace) -> int:
    """Run each check on each kind of database; how many did not do what they must."""
    wrong, kinds = 0, [kind(server, "chaos") for kind in (SQLite, PostgreSQL)]
    print("| check | stimulus | database | outcome | seconds |\n|---|---|---|---|---|")
    for check in CHECKS:
        if arguments.only and check.name not in arguments.only:
            continue
        if check.needs and not TOOLS[check.needs].is_there():
            print(f"| {check.name} | {check.stimulus} | | not run: no {check.needs} | |")
            continue
        for databases in kinds:
            if databases.kind not in (check.sabotaged if arguments.sabotage else check.kinds):
                continue
            began = time.monotonic()
            held, outcome = run(check, databases, arguments)
            if arguments.sabotage:
                outcome = f"{check.sabotage}: {outcome}"
            right = held is not arguments.sabotage
            wrong += not right
            took = time.monotonic() - began
            stimulus = f"{'' if right else '**WRONG** '}{check.stimulus}"
            print(
                f"| {check.name} | {stimulus} | {databases.kind} | {outcome} | {took:.0f} |",
                flush=True,
            )
    return wrong


def main() -> int:
    """Say what is missing, run, and fail if a guarantee broke or a sabotage was not found."""
    options = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    options.add_argument("--full", action="store_true", help="as many rounds as documented: hours")
    options.add_argument("--sabotage", action="store_true", help="break each guarantee first")
    options.add_argument("--seed", default=secrets.token_hex(3))
    options.add_argument("--only", nargs="*", metavar="CHECK")
    arguments = options.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and end what was started
    if unknown := {*(arguments.only or ())} - {check.name for check in CHECKS}:
        options.error(f"no such check: {', '.join(sorted(unknown))}")
    for name, tool in TOOLS.items():
        if not tool.is_there():
            print(f"missing: {name}, for {tool.what_for}. To install: {tool.install}")
    print(f"seed {arguments.seed}\n")
    with ExitStack() as stack:
        wrong = table(stack.enter_context(running()), arguments)
    if wrong:
        what = "sabotages were not found" if arguments.sabotage else "guarantees broke"
        print(f"\n{wrong} {what}; repeat with SEED={arguments.seed}")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
