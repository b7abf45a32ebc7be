"""What several commands share: their arguments, and how the outcome becomes an exit status."""

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from app.settings import Settings
from seed.notice_files import NOTICES
from seed.refusals import NoticeRefusedError
from seed.registry import FOLDER
from seed.sources import Source, sources

DONE, REFUSED, OPEN = 0, 1, 3


def parser_of(command: str, purpose: str | None) -> argparse.ArgumentParser:
    """A parser with the folders that every command takes."""
    parser = argparse.ArgumentParser(prog=f"python -m seed {command}", description=purpose)
    parser.add_argument(
        "--notices", type=Path, default=NOTICES, help="the repository's folder of notices"
    )
    parser.add_argument(
        "--registry", type=Path, default=FOLDER, help="the repository's folder of registries"
    )
    return parser


def sources_of(given: argparse.Namespace, *, examples: bool = True) -> list[Source]:
    """The places that plans are looked for in: the repository, WORKPLAN_NOTICES, the examples."""
    return sources(Settings().notices, given.notices, given.registry, examples=examples)


def of_each(plans: Iterable[str], do: Callable[[str], int]) -> int:
    """Do it for each plan: 1 where one was refused, else the greatest status."""
    statuses = [DONE]
    for plan in plans:
        try:
            statuses.append(do(plan))
        except NoticeRefusedError as refused:
            print(f"{plan}: {refused}", file=sys.stderr)
            statuses.append(REFUSED)
    return REFUSED if REFUSED in statuses else max(statuses)
