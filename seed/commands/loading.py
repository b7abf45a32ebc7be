"""`seed load` and `seed synthesize`: into the database, everything that is finished."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError, OperationalError

from app.db.engine import STARTING_SECONDS, open_engine
from app.projections.documents import Outcomes
from app.settings import Settings
from seed.commands.arguments import DONE, OPEN, parser_of, sources_of
from seed.commands.upgrading import migrate, rebuild_where_due
from seed.editorial import read_editorial
from seed.load import load
from seed.notice_files import ReadNotice
from seed.plan_state import PlanState, state_of
from seed.refusals import NoticeRefusedError
from seed.registry import Registry, read_registry
from seed.sources import Source, find_plan
from seed.synthesize import synthesize


def load_command(words: list[str]) -> int:
    """Store every finished plan; 0 where all are stored, 3 where some were left out, 1 where none is.

    What was left out is named with the reason, and holds nobody else up.
    """
    parser = parser_of("load", "store every finished plan; name the others, and why")
    parser.add_argument("plan", nargs="*", help="plan ids; all plans where none is given")
    parser.add_argument("--migrate", action="store_true", help="bring the tables up first")
    parser.add_argument("--examples", action="store_true", help="the examples, too")
    given = parser.parse_args(words)
    places = sources_of(given, examples=given.examples)
    if given.plan:
        chosen = [find_plan(plan, places) for plan in dict.fromkeys(given.plan)]
    else:
        chosen = [(source, folder) for source in places for folder in source.plan_folders()]
    states = [state_of(folder, source, reread=False) for source, folder in chosen]
    states = [*_without_twins(states)]
    engine = open_engine(Settings().database_url, existing=not given.migrate, wait=STARTING_SECONDS)
    try:
        if given.migrate:
            migrate(engine, Settings())
            rebuild_where_due(engine)
        registry, broken = _registry(places, given.registry)
        left_out = [*broken, *(f"{one.plan}: {one.reason}" for one in states if one.reason)]
        notices = [one.notice for one in states if one.notice]
        failed = _load(engine, registry, notices)
    finally:
        engine.dispose()
    for line in (left_out := [*left_out, *failed]):
        print(f"left out, {line}", file=sys.stderr)
    if not notices and left_out:
        raise NoticeRefusedError(None, "no finished plan", "at least one")
    return OPEN if left_out else DONE


def _without_twins(states: Sequence[PlanState]) -> list[PlanState]:
    """One plan an id: a plan of the operator never takes the place of one of the repository."""
    first: dict[str, PlanState] = {}
    found = []
    for state in states:
        if state.plan in first:
            where = first[state.plan].kind
            reason = f"the id is that of a plan of the {where}; expected another id"
            found.append(PlanState(state.plan, state.kind, reason=reason))
        else:
            first[state.plan] = state
            found.append(state)
    return found


def _registry(places: Sequence[Source], folder: Path) -> tuple[Registry, list[str]]:
    """The registries of all places together, and those that cannot be laid over the others."""
    additions: list[Path] = []
    broken = []
    registry: Registry | None = None
    for source in places:
        if source.additions is None:
            continue
        try:
            registry = read_registry(folder, [*additions, source.additions])
            additions.append(source.additions)
        except NoticeRefusedError as refused:
            broken.append(f"the registry in {source.folder}: {refused}")
    return registry or read_registry(folder), broken


def _load(engine: Engine, registry: Registry, notices: Sequence[ReadNotice]) -> list[str]:
    """Store notices together, or, where one of them cannot be stored, each by itself."""
    left_out: list[str] = []
    try:
        _print(load(engine, registry, notices, left_out=left_out))
    except OperationalError:
        raise  # the database is the trouble, not a notice
    except DatabaseError:
        return [line for notice in notices for line in _load_alone(engine, registry, notice)]
    return left_out


def _load_alone(engine: Engine, registry: Registry, notice: ReadNotice) -> list[str]:
    left_out: list[str] = []
    try:
        print(f"{notice.plan.id}:")
        _print(load(engine, registry, [notice], left_out=left_out))
    except OperationalError:
        raise
    except DatabaseError as error:
        return [f"{notice.plan.id}: it cannot be stored: {str(error).splitlines()[0]}"]
    return left_out


def _print(outcomes: Outcomes) -> None:
    for resource, outcome in outcomes.items():
        counts = ", ".join(
            f"{outcome[what]} {what}" for what in ("added", "changed", "withdrawn", "unchanged")
        )
        print(f"{resource}: {counts}")


def synthesize_command(words: list[str]) -> int:
    """A corpus for measuring, into an empty database."""
    parser = parser_of("synthesize", "a corpus for measuring, into an empty database")
    parser.add_argument("--plans", type=int, default=1000, help="how many a year (1000)")
    parser.add_argument("--years", type=int, default=1, help="of each government (1)")
    parser.add_argument("--migrate", action="store_true", help="bring the tables up first")
    given = parser.parse_args(words)
    source = next(one for one in sources_of(given) if one.kind == "repository")
    folder = next(source.plan_folders())
    state = state_of(folder, source)
    if state.notice is None:
        raise NoticeRefusedError(None, f"{folder.name}: {state.reason}", "a finished plan")
    engine = open_engine(Settings().database_url, existing=not given.migrate)
    if given.migrate:
        migrate(engine, Settings())

    def report(made: int) -> None:
        print(f"{made} of {given.plans * given.years} synthetic plans", flush=True)

    editorial = read_editorial(folder / "editorial.yaml")
    now, of_each = datetime.now(UTC), source.registry
    synthesize(
        engine, of_each, state.notice, editorial, given.plans, now, report, years=given.years
    )
    engine.dispose()
    return DONE
