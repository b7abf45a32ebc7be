"""Generators, compilers and checkers: installed from pins, in a folder of their own."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "var" / "sdks"
PYTHON_PINS = ROOT / "requirements-sdks.txt"
NODE_PINS = [ROOT / "sdks" / name for name in ("package.json", "package-lock.json", ".npmrc")]


@dataclass(frozen=True)
class Tools:
    """Where each tool is; `missing` says why one is not there."""

    missing: dict[str, str]

    @property
    def python(self) -> Path:
        return FOLDER / "venv" / "bin" / "python"

    @cached_property
    def jar(self) -> Path:
        """Of openapi-generator; it holds the libraries that its Java clients import, too."""
        return next((FOLDER / "venv").glob("lib/python*/site-packages/openapi_generator_cli/*.jar"))

    def script(self, name: str) -> str:
        return str(self.python.parent / name)

    def node(self, name: str) -> str:
        return str(FOLDER / "node_modules" / ".bin" / name)


def install() -> Tools:
    """Install what can be; what cannot is in `missing`."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    missing = {
        name: f"no {name}" for name in ("java", "javac", "node", "npm") if not shutil.which(name)
    }
    failed = _once(FOLDER / "venv", [PYTHON_PINS], _install_python)
    if failed:
        missing["venv"] = failed
    if "node" not in missing and "npm" not in missing:
        failed = _once(FOLDER / "node_modules", NODE_PINS, _install_node)
        if failed:
            missing["npm"] = failed
    return Tools(missing)


def version(package: str) -> str:
    """As it is pinned."""
    pins = re.search(rf"^{re.escape(package)}==(\S+)", PYTHON_PINS.read_text(), re.MULTILINE)
    if pins:
        return pins[1]
    locked = json.loads(NODE_PINS[1].read_text())["packages"]
    found: str = locked[f"node_modules/{package}"]["version"]
    return found


def _once(made: Path, pins: list[Path], install: list[list[str]]) -> str | None:
    """Install again only where pins have changed; what went wrong, or None."""
    digest = hashlib.sha256(b"".join(pin.read_bytes() for pin in pins)).hexdigest()
    stamp = FOLDER / f"{made.name}.stamp"
    if made.exists() and stamp.exists() and stamp.read_text() == digest:
        return None
    stamp.unlink(missing_ok=True)
    shutil.rmtree(made, ignore_errors=True)
    for pin in pins:
        shutil.copy(pin, FOLDER)
    for command in install:
        done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.stderr.write(done.stdout + done.stderr)
            return f"{made.name} could not be installed"
    stamp.write_text(digest)
    return None


_PIP = ["venv/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
_install_python = [
    [sys.executable, "-m", "venv", "venv"],
    [*_PIP, "--require-hashes", "-r", PYTHON_PINS.name],
]
_install_node = [["npm", "ci", "--ignore-scripts", "--no-fund", "--no-audit"]]
