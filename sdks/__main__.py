"""`python -m sdks`: generate clients, compile them strictly, and run them against a live server."""

import argparse
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench import servers
from sdks import facts, tools
from sdks.generators import Generator, Step, all_of

DOCUMENT = tools.ROOT / "docs" / "sdks.md"
BEGIN, END = "<!-- written by make sdks: begin -->", "<!-- written by make sdks: end -->"
SHARED = ("tsconfig.json",)  # of all programs in TypeScript
PATIENCE = 600.0  # seconds for one step


@dataclass(frozen=True)
class Outcome:
    """How a step went, or all checks together."""

    said: str
    failed: bool = False
    not_run: bool = False
    printed: str = ""


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    name: str
    version: str
    cells: tuple[Outcome, Outcome, Outcome, Outcome]  # generated, compiled, typed, ran

    @property
    def failed(self) -> bool:
        return any(cell.failed for cell in self.cells)

    @property
    def not_run(self) -> bool:
        return any(cell.not_run for cell in self.cells)


def main(arguments: list[str] | None = None) -> int:
    """Prove it, print the table; 1 where something failed."""
    parser = argparse.ArgumentParser(prog="python -m sdks", description=__doc__)
    parser.add_argument("names", nargs="*", help="names of generators (default: all)")
    parser.add_argument(
        "--contract", type=Path, default=tools.ROOT / "openapi.yaml", help="test another contract"
    )
    given = parser.parse_args(arguments)
    contract = given.contract.resolve()
    began = time.perf_counter()
    installed = tools.install()
    generators = all_of(installed, contract)
    unknown = set(given.names) - {generator.name for generator in generators}
    if unknown:
        known = ", ".join(generator.name for generator in generators)
        parser.error(f"no such generator: {', '.join(sorted(unknown))}; there are {known}")
    chosen = [one for one in generators if not given.names or one.name in given.names]
    with tempfile.TemporaryDirectory(prefix="workplan-sdks-") as name:
        url = f"sqlite:///{name}/workplan.db"
        servers.load(url)
        key = issued(url)
        with servers.service("ours", url).running() as server, ThreadPoolExecutor(2) as pool:
            base = server.url("")
            wanted = facts.expected(base)
            more = [(base, key, f"2022-06-{day:02}") for day, _ in enumerate(chosen, 1)]
            lines = list(pool.map(lambda *one: proven(installed, wanted, *one), chosen, more))
    shown = table(lines)
    print(shown)
    print(f"{time.perf_counter() - began:.0f} s", file=sys.stderr)
    if any(line.not_run for line in lines):
        print(f"{DOCUMENT.name} is left as it was: not all were run", file=sys.stderr)
    elif lines and not given.names and contract == tools.ROOT / "openapi.yaml":
        DOCUMENT.write_text(between(DOCUMENT.read_text("utf-8"), shown), "utf-8")
    return 1 if any(line.failed for line in lines) else 0


def issued(url: str) -> str:
    """A key of the agency whose tasks the programs walk."""
    os.environ["WORKPLAN_KEY_SECRET"] = secrets.token_hex(32)  # of the server, too
    process = subprocess.run(
        [sys.executable, "-m", "app", "keys", "issue", "--role", "reporter",
         "--agency", "gd-government-data", "--holder", "sdks"],
        cwd=tools.ROOT,
        env={**os.environ, "WORKPLAN_DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=True,
    )  # fmt: skip
    return process.stdout.strip()


def proven(
    installed: tools.Tools, wanted: list[str], generator: Generator, given: Sequence[str]
) -> Line:
    """A generator's line; what follows a failure is not tried."""
    version = tools.version(generator.package)
    shutil.rmtree(generator.folder, ignore_errors=True)
    shutil.copytree(generator.programs, generator.folder)
    for name in SHARED:
        shutil.copy(generator.programs.parent / name, generator.folder)
    not_tried = Outcome("–")
    made = done(generator.generate, generator, installed)
    if made.failed or made.not_run:
        return Line(generator.name, version, (made, not_tried, not_tried, not_tried))
    strict = together([done(step, generator, installed) for step in generator.checks])
    ran = done(generator.run, generator, installed, *given)
    if not (ran.failed or ran.not_run):
        other = facts.difference(ran.printed, wanted)
        ran = Outcome(f"**other facts**: {other}", failed=True) if other else ran
    return Line(generator.name, version, (made, strict, typed(generator), ran))


def typed(generator: Generator) -> Outcome:
    """Whether all that a client takes and gives has a type; compilers accept what has none."""
    count = 0
    for files, pattern in generator.untyped.items():
        found = sorted(generator.folder.glob(files))
        if not found:
            return Outcome(f"**failed**: no {files}", failed=True)
        for file in found:
            count += len(re.findall(pattern, file.read_text("utf-8"), re.MULTILINE))
    return Outcome(f"**failed**: {count} of any type", failed=True) if count else Outcome("all")


def done(step: Step, generator: Generator, installed: tools.Tools, *more: str) -> Outcome:
    """Take a step, unless something that it needs is missing."""
    reasons = [installed.missing[need] for need in step.needs if need in installed.missing]
    if reasons:
        return Outcome(f"not run: {reasons[0]}", not_run=True)
    command = [*step.command, *more]
    try:
        process = subprocess.run(
            command,
            cwd=generator.folder,
            env={**os.environ, **step.environment},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Outcome(f"**failed**: {type(error).__name__}", failed=True)
    if process.returncode:
        print(f"{generator.name}: {' '.join(command)}", file=sys.stderr)
        print(process.stdout + process.stderr, file=sys.stderr)
        return Outcome(f"**failed**: {Path(command[0]).name}", failed=True)
    return Outcome(step.label, printed=process.stdout)


def together(outcomes: Sequence[Outcome]) -> Outcome:
    """Several checks as one cell."""
    return Outcome(
        "; ".join(outcome.said for outcome in outcomes),
        failed=any(outcome.failed for outcome in outcomes),
        not_run=any(outcome.not_run for outcome in outcomes),
    )


def table(lines: Sequence[Line]) -> str:
    """Markdown."""
    rows = [
        "| generator | version | generated | compiles, strictly | typed | same facts |",
        "|---|---|---|---|---|---|",
    ]
    for line in lines:
        said = [cell.said.replace("|", "\\|").replace("\n", " ") for cell in line.cells]
        rows.append(f"| {line.name} | {line.version} | {' | '.join(said)} |")
    return "\n".join(rows)


def between(text: str, new: str) -> str:
    """The text with what is between the markers replaced."""
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError(f"{DOCUMENT.name} has no place for the table: {BEGIN} … {END}")
    return f"{before}{BEGIN}\n{new}\n{END}{after}"


if __name__ == "__main__":
    sys.exit(main())
