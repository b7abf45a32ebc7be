"""nginx with the shipped configuration, on other ports and paths, where there is an nginx."""

import os
import re
import shutil
import ssl
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support import ROOT
from tests.support.serving import free_port, until

HOST = "plans.example.gov.cn"
ON = "127.0.0.1"


def configuration(folder: Path, port: int, services: Sequence[int], *, limits: bool = True) -> str:
    """The shipped one; with wrong limits as a sabotage: not by address, and of an hour."""
    text = (ROOT / "deploy" / "nginx" / "nginx.conf").read_text("utf-8")
    servers = "\n".join(f"        server {ON}:{one} max_fails=0;" for one in services)
    changes = [
        (r"(?m)^user .*\n", "user root;\n" if os.geteuid() == 0 else ""),  # of the folder
        (r"/run/nginx.pid", f"{folder}/nginx.pid"),
        (r"/var/log/nginx", str(folder)),
        (r"/var/cache/nginx/workplan", f"{folder}/cache"),
        (r"/etc/ssl/workplan", str(folder)),
        (r"(?m)^ +server 127\.0\.0\.1:8000 .*$", servers),
        (r"(?m)^ +listen (80|\[::\]:.*);\n", ""),
        (r"listen 443 ", f"listen {ON}:{port} "),
        (r"(?s)    server \{\s+server_name \S+;\s+return 308.*?\n    \}\n", ""),
        (r"http \{", f"http {{\n{temporary(folder)}"),
    ]
    if not limits:
        changes += [
            (r"limit_conn_zone \$binary_remote_addr", "limit_conn_zone $server_name"),
            (r"(client_\w+_timeout) \d+s", r"\1 3600s"),
        ]
    for pattern, new in changes:
        text, found = re.subn(pattern, lambda m, new=new: m.expand(new), text)  # type: ignore[misc]
        assert found, pattern
    return text


def temporary(folder: Path) -> str:
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    return "\n".join(f"    {kind}_temp_path {folder}/{kind};" for kind in kinds)


@contextmanager
def proxying(folder: Path, services: Sequence[int], *, limits: bool = True) -> Iterator[int]:
    """Its port."""
    port, program = free_port(), shutil.which("nginx")
    assert program
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={HOST}",
         "-keyout", "privkey.pem", "-out", "fullchain.pem"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    file = folder / "nginx.conf"
    file.write_text(configuration(folder, port, services, limits=limits), "utf-8")
    said = folder / "start.log"
    command = [program, "-c", str(file), "-e", str(said), "-g", "daemon off;"]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        until(lambda: (folder / "nginx.pid").exists() or process.poll() is not None, 10, "started")
        assert process.poll() is None, said.read_text()
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


def trusting() -> ssl.SSLContext:
    """For a certificate that nobody signed."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
