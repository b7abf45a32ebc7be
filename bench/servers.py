"""Starting what is measured: the service in several settings, its limits and its peers."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

ROOT = Path(__file__).parent.parent
PATIENCE = 30.0  # seconds for a server to answer for the first time
UVICORN = (
    "-m",
    "uvicorn",
    "--loop",
    "uvloop",
    "--http",
    "httptools",
    "--no-access-log",
    "--no-proxy-headers",
)
NGINX = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  sendfile on; tcp_nopush on; open_file_cache max=10; keepalive_requests 100000000;
  server {{
    listen 127.0.0.1:{port};
    location / {{ default_type application/json; root {folder}/files; try_files /body =404; }}
  }}
}}
"""


@dataclass
class Server:
    """A running server: its name in the report, where it listens, how long it took to answer."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    seconds_to_first_answer: float

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def json(self, path: str) -> Any:
        """The document at a path."""
        with urlopen(self.url(path)) as answer:  # noqa: S310
            return json.load(answer)

    def memory(self) -> int:
        """Resident bytes of the process and its children."""
        kilobytes = 0
        for pid in [self.process.pid, *_children(self.process.pid)]:
            status = Path(f"/proc/{pid}/status").read_text()
            kilobytes += int(status.split("VmRSS:")[1].split()[0])
        return kilobytes * 1024

    def cpu_seconds(self) -> float:
        """CPU time that the process and its children have taken."""
        ticks = 0
        for pid in [self.process.pid, *_children(self.process.pid)]:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


@dataclass
class Command:
    """How a server is started; `{port}` stands for its port."""

    name: str
    arguments: list[str]
    ready: str
    settings: Mapping[str, str] = field(default_factory=dict)

    @contextmanager
    def running(self) -> Iterator[Server]:
        port = _free_port()
        command = [argument.replace("{port}", str(port)) for argument in self.arguments]
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **self.settings},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}{self.ready}", process, self.name)
            yield Server(self.name, port, process, time.perf_counter() - began)
        finally:
            process.terminate()
            process.wait(timeout=20)


def service(name: str, database_url: str, *, workers: int = 1, **settings: str) -> Command:
    """The service itself."""
    more = {f"WORKPLAN_{key.upper()}": value for key, value in settings.items()}
    return Command(
        name,
        [sys.executable, "-m", "app", "serve", "--port", "{port}", "--workers", str(workers)],
        "/readyz",
        {"WORKPLAN_DATABASE_URL": database_url, **more},
    )


def fixed(body: Path) -> Command:
    """Plain ASGI with fixed bytes: the limit in Python."""
    arguments = [sys.executable, *UVICORN, "bench.fixed:app", "--port", "{port}"]
    return Command("raw ASGI", arguments, "/", {"BENCH_BODY": str(body)})


def tutorial(name: str, database_url: str) -> Command:
    """The same answers from an app as tutorials teach it."""
    arguments = [sys.executable, *UVICORN, "bench.tutorial:app", "--port", "{port}"]
    return Command(name, arguments, "/docs", {"BENCH_DATABASE_URL": database_url})


def datasette(database: Path, folder: Path) -> Command:
    """Datasette with the same documents by a canned query."""
    query = (
        "SELECT document FROM task WHERE withdrawn_at IS NULL AND id IN "
        "(SELECT task_id FROM assignment WHERE agency_id = :agency) ORDER BY plan_id, span_start"
    )
    metadata = folder / "metadata.json"
    queries = {"tasks": {"sql": query}}
    metadata.write_text(json.dumps({"databases": {database.stem: {"queries": queries}}}))
    arguments = [
        str(Path(sys.executable).parent / "datasette"),
        *("serve", "--immutable", str(database), "--metadata", str(metadata)),
        *("--port", "{port}"),
    ]
    return Command("Datasette", arguments, "/-/versions.json")


def nginx(body: Path, folder: Path) -> Command | None:
    """A file from nginx: the limit of the machine.  None where there is no nginx."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if not program:
        return None
    (folder / "files").mkdir(exist_ok=True)
    (folder / "files" / "body").write_bytes(body.read_bytes())
    script = f'printf %s "$NGINX_CONF" | sed s/@port@/{{port}}/ > {folder}/nginx.conf'
    script += f" && exec {program} -c {folder}/nginx.conf"
    configuration = NGINX.format(folder=folder, port="@port@")
    return Command("nginx, a file", ["sh", "-c", script], "/", {"NGINX_CONF": configuration})


def environment_of(database_url: str) -> dict[str, str]:
    """For a command of ours that works on a database."""
    return {**os.environ, "WORKPLAN_DATABASE_URL": database_url}


def load(database_url: str) -> None:
    """The repository's notices into a new database, and none of an operator's, which may be unfinished."""
    command = [sys.executable, "-m", "seed", "load", "--migrate"]
    with tempfile.TemporaryDirectory() as empty:
        environment = {**environment_of(database_url), "WORKPLAN_NOTICES": empty}
        subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=sys.stderr)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [one for child in map(int, found) for one in (child, *_children(child))]


def _wait_for(url: str, process: subprocess.Popen[bytes], name: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"{name} ended with {process.returncode} before it answered")
        try:
            with urlopen(url, timeout=5):  # noqa: S310
                return
        except (HTTPError, OSError):
            time.sleep(0.01)
    raise RuntimeError(f"{name} did not answer {url} within {PATIENCE:.0f} s")
