"""`python -m seed read|check|load [PLAN…]`: from notices as received to the database.

`python -m seed intake FILE --plan ID --jurisdiction CODE`: take in a file, with more options.

`python -m seed read PLAN`, `review PLAN` of one that was taken in: what is open; the text and its
reading side by side.

`python -m seed synthesize --plans N`: a corpus for measuring, into an empty database.
"""

import argparse
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.db.engine import open_engine
from app.projections.rebuilding import is_due, rebuild
from app.settings import Settings
from seed.editorial import read_editorial
from seed.intake.blocks import Extraction
from seed.intake.command import intake
from seed.load import load
from seed.notice_files import (
    NOTICES,
    ReadNotice,
    differing_files,
    folder_of,
    plan_folders,
    read_notice,
    write_files,
)
from seed.reader.as_json import as_json
from seed.reader.bodies import Bodies, Known, known_from
from seed.reader.files import read_file, reading_of, stored
from seed.reader.reading import Reading
from seed.refusals import NoticeRefusedError
from seed.registry import FOLDER, Registry, read_registry
from seed.review.listing import listing
from seed.review.page import review_page
from seed.synthesize import synthesize


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it did what it says, 1 when a notice was refused."""
    words = sys.argv[1:] if arguments is None else arguments
    if words[:1] == ["intake"]:
        return intake(words[1:], Settings().notices, (NOTICES,))
    parser = argparse.ArgumentParser(prog="python -m seed", description=__doc__)
    parser.add_argument("command", choices=("read", "check", "load", "review", "synthesize"))
    parser.add_argument(
        "--plan", dest="plan_id", metavar="ID", help="--json: whose decisions apply"
    )
    parser.add_argument("plan", nargs="*", help="plan ids; all plans where none is given")
    parser.add_argument("--migrate", action="store_true", help="bring the tables up first")
    parser.add_argument("--plans", type=int, default=1000, help="synthesize: how many (1000)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="read: one file, printed as JSON")
    parser.add_argument("--jurisdiction", default="100000", help="--json: the government's code")
    parser.add_argument("--notices", type=Path, default=NOTICES, help="the folder of notices")
    parser.add_argument("--registry", type=Path, default=FOLDER, help="the folder of registries")
    given = parser.parse_args(words)
    folder = given.notices
    try:
        registry = read_registry(given.registry)
        if given.command == "read" and given.json:
            folder = given.json
            return _print_reading(given, registry)
        if given.command == "review":
            return _review(given, registry)
        status = 0
        if given.command == "read" and given.plan:
            imported = [plan for plan in given.plan if (Settings().notices / plan).is_dir()]
            status = _list_questions(imported, given, registry)
            given.plan = [plan for plan in given.plan if plan not in imported]
            if not given.plan:
                return status
        folders = [given.notices / plan for plan in given.plan] or plan_folders(given.notices)
        if not folders:
            raise NoticeRefusedError(None, f"no notice in {given.notices.name}", "a folder a plan")
        notices = []
        for folder in folders:
            notices.append(read_notice(folder, registry))
        if given.command == "read":
            return _read(folders, notices) or status
        if given.command == "synthesize":
            return _synthesize(registry, folders[0], notices[0], given.plans, migrate=given.migrate)
        return _check(folders, notices) or (
            _load(registry, notices, migrate=given.migrate) if given.command == "load" else 0
        )
    except NoticeRefusedError as refused:
        print(f"{folder.name}: {refused}", file=sys.stderr)
    except (SQLAlchemyError, ValueError, OSError) as error:
        print(f"nothing was stored: {str(error).splitlines()[0]}", file=sys.stderr)
    return 1


def _read(folders: list[Path], notices: list[ReadNotice]) -> int:
    for folder, notice in zip(folders, notices, strict=True):
        print(f"{folder.name}: {_summary(notice)}")
        for name in write_files(folder, notice):
            print(f"{folder.name}: wrote {name}")
    return 0


def _print_reading(given: argparse.Namespace, registry: Registry) -> int:
    """Print what a file says; 0 where nothing is open, 3 where questions are."""
    editorial = (
        read_editorial(given.notices / given.plan_id / "editorial.yaml") if given.plan_id else None
    )
    bodies = Bodies(known_from(registry), given.jurisdiction)
    reading = read_file(given.json, bodies, editorial)
    json.dump(as_json(reading), sys.stdout, ensure_ascii=False, indent=1)
    print()
    return 3 if reading.questions else 0


def _stored(plan: str, given: argparse.Namespace, known: Known) -> tuple[Path, Extraction, Reading]:
    """A plan that was imported, or one of the repository, as it is read now."""
    folder = folder_of(plan, Settings().notices, given.notices)
    editorial = read_editorial(folder / "editorial.yaml")
    extraction = stored(folder, editorial)
    bodies = Bodies(known, editorial.jurisdiction)
    return folder, extraction, reading_of(extraction, bodies, editorial)


def _review(given: argparse.Namespace, registry: Registry) -> int:
    """Write `review.html` for each plan."""
    if not given.plan:
        raise NoticeRefusedError(None, "no plan to review", "python -m seed review PLAN")

    def write(plan: str) -> bool:
        folder, extraction, reading = _stored(plan, given, known)
        path = folder / "review.html"
        path.write_text(review_page(plan, reading, extraction), "utf-8")
        print(f"{plan}: {len(reading.questions)} questions; open {path}")
        return bool(reading.questions)

    known = known_from(registry)
    return _of_each(given.plan, write)


def _list_questions(plans: list[str], given: argparse.Namespace, registry: Registry) -> int:
    """Print what is open in plans that were imported."""

    def print_listing(plan: str) -> bool:
        _, extraction, reading = _stored(plan, given, known)
        print("\n".join(listing(plan, reading, extraction)))
        return bool(reading.questions)

    known = known_from(registry)
    return _of_each(plans, print_listing)


def _of_each(plans: list[str], do: Callable[[str], bool]) -> int:
    """0 where nothing is open, 3 where questions are, 1 where a plan was refused."""
    statuses = {0}
    for plan in plans:
        try:
            statuses.add(3 if do(plan) else 0)
        except NoticeRefusedError as refused:
            print(f"{plan}: {refused}", file=sys.stderr)
            statuses.add(1)
    return 1 if 1 in statuses else max(statuses)


def _check(folders: list[Path], notices: list[ReadNotice]) -> int:
    differing = [
        f"{folder.name}/{name}"
        for folder, notice in zip(folders, notices, strict=True)
        for name in differing_files(folder, notice)
    ]
    for path in differing:
        print(f"{path} is not what reading gives; run `python -m seed read`", file=sys.stderr)
    return 1 if differing else 0


def _migrate() -> None:
    # Alembic takes a second to import, which reading has no use for.
    from alembic import command
    from alembic.config import Config

    command.upgrade(Config(toml_file=Path(__file__).parent.parent / "pyproject.toml"), "head")


def _rebuild_where_due(engine: Engine) -> None:
    """Bring the documents up, as migrating does with the tables."""
    with Session(engine) as session:
        due = is_due(session)
    if due:
        print(f"{rebuild(engine, utc_now)} documents made again, as their shape has changed")


def _synthesize(
    registry: Registry, folder: Path, notice: ReadNotice, plans: int, *, migrate: bool
) -> int:
    if migrate:
        _migrate()
    engine = open_engine(Settings().database_url)
    editorial = read_editorial(folder / "editorial.yaml")

    def tell(made: int) -> None:
        print(f"{made} of {plans} synthetic plans", flush=True)

    synthesize(engine, registry, notice, editorial, plans, datetime.now(UTC), tell)
    engine.dispose()
    return 0


def _load(registry: Registry, notices: list[ReadNotice], *, migrate: bool) -> int:
    if migrate:
        _migrate()
    engine = open_engine(Settings().database_url)
    if migrate:
        _rebuild_where_due(engine)
    outcomes = load(engine, registry, notices)
    engine.dispose()
    for resource, outcome in outcomes.items():
        counts = ", ".join(
            f"{outcome[what]} {what}" for what in ("added", "changed", "withdrawn", "unchanged")
        )
        print(f"{resource}: {counts}")
    return 0


def _summary(notice: ReadNotice) -> str:
    plan = notice.plan
    tasks = plan.tasks()
    assignments = [assignment for task in tasks for assignment in task.assignments]
    return (
        f"{len(plan.sections)} sections, {sum(len(s.items) for s in plan.sections)} items, "
        f"{sum(task.is_leaf for task in tasks)} tasks, {len(assignments)} assignments "
        f"({sum(1 for a in assignments if a.inherited_prefix)} with an inherited prefix), "
        f"{len({a.agency for a in assignments})} agencies, "
        f"{len(plan.targets())} targets, "
        f"{len(plan.rejected_numbers)} other numbers, "
        f"{len(notice.restored.corrections)} corrections"
    )


if __name__ == "__main__":
    sys.exit(main())
