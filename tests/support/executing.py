"""A program in a process that is forked from one that has imported the service."""

import os
from pathlib import Path

from tests.support import ROOT
from tests.support.serving import CONTEXT


def execute(source: str, printed: Path, **environment: str) -> str:
    """What a program prints, errors as well."""
    process = CONTEXT.Process(target=_execute, args=(source, printed, environment))
    process.start()
    process.join()
    return printed.read_text("utf-8")


def _execute(source: str, printed: Path, environment: dict[str, str]) -> None:
    os.environ.update(environment)
    os.chdir(ROOT)
    with printed.open("w") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    exec(source, {})  # noqa: S102 - of a test
