"""The tests begin on any machine, also where they never ran, and leave no server behind."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import text

from app.db.engine import open_engine
from tests.support import ROOT
from tests.support.databases import Databases

PROCESSES = 2
OF_USERS = ("passwd", "group", "shadow", "gshadow", "subuid", "subgid")
SERVER_USER = "pgserver"  # whom the library makes, as root, at its first start
BEGIN = """
mount --bind "$1" /etc
if getent passwd pgserver; then exit 3; fi
shift
exec "$@"
"""
# What starts the server and hands it to each process, without the service, which takes 2 s to import.
CONFTEST = "from tests.conftest import pytest_configure_node, server, server_of\n"
A_TEST = """
def test_a_process_uses_the_server(server, worker_id):
    server.execute(f"CREATE DATABASE {worker_id}")
    assert server.has(worker_id)
"""


def test_a_test_process_has_databases_of_its_own(on_postgresql: Databases) -> None:
    with on_postgresql.empty() as url:
        engine = open_engine(url)
        with engine.connect() as connection:
            name = connection.scalar(text("SELECT current_database()"))
        engine.dispose()
    assert name.startswith(os.environ.get("PYTEST_XDIST_WORKER", "main"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a process an /etc of its own")
def test_the_first_run_of_a_machine_works_with_several_processes(tmp_path: Path) -> None:
    may = subprocess.run(
        ["unshare", "--mount", "true"], capture_output=True, text=True, check=False
    )
    if may.returncode:
        pytest.skip(f"no /etc of its own for a process here: {may.stderr.strip()}")
    etc = tmp_path / "etc"
    shutil.copytree("/etc", etc, symlinks=True)
    for name in OF_USERS:
        for file in etc.glob(f"{name}*"):
            lines = file.read_text("utf-8").splitlines(keepends=True)
            file.write_text("".join(one for one in lines if not one.startswith(SERVER_USER)))
    tests = tmp_path / "tests_of_databases"
    tests.mkdir()
    (tests / "conftest.py").write_text(CONFTEST, "utf-8")
    (tests / "test_server.py").write_text(A_TEST, "utf-8")
    pytest_ = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:schemathesis",
        "-n",
        str(PROCESSES),
        "--dist",
        "each",
        f"--rootdir={tests}",
        f"--confcutdir={tests}",
    ]
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-euc", BEGIN, "sh", etc, *pytest_, tests],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{PROCESSES} passed" in done.stdout, done.stdout
    assert SERVER_USER in (etc / "passwd").read_text("utf-8")  # it was made there, and once


def test_a_server_of_a_killed_process_ends_and_leaves_nothing_behind() -> None:
    program = (
        "from tests.support.postgresql import running\n"
        "with running() as server:\n"
        "    print(server.folder, flush=True)\n"
        "    input()\n"
    )
    with TemporaryDirectory() as name:
        around = Path(name)
        around.chmod(0o755)  # open to the user of the server
        with subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env=os.environ | {"TMPDIR": name},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as process:
            assert process.stdout
            folder = Path(process.stdout.readline().decode().strip())
            server = int((folder / "postgresql" / "postmaster.pid").read_text().split()[0])
            os.kill(server, 0)  # it is there
            process.kill()
        assert folder.parent == around
        until = time.monotonic() + 60
        while (any(around.iterdir()) or is_running(server)) and time.monotonic() < until:
            time.sleep(0.05)
        assert list(around.iterdir()) == []
        assert not is_running(server)


def is_running(process: int) -> bool:
    """Whether it is there and has not ended, though nobody may have asked yet how it did."""
    try:
        os.kill(process, 0)
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state != "Z"
