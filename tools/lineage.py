"""`make lineage`: how well the pairs of two years are found, for each threshold.

Loads the examples into a database of its own and compares with the pairs that were made by hand.
"""

import tempfile
from collections import Counter
from pathlib import Path

import yaml
from alembic import command
from alembic.config import Config
from sqlalchemy.orm import Session

from app.db.engine import open_engine
from app.projections.comparison import pairing
from app.projections.comparison.compared import ComparedPlan
from app.projections.comparison.storing import compared_plan, read_inputs
from seed.load import load
from seed.plan_state import state_of
from seed.registry import read_registry
from seed.sources import EXAMPLES, Source

ROOT = Path(__file__).parent.parent
BY_HAND = ROOT / "tests" / "seed" / "lineage_pairs.yaml"
HERE, THERE = "example-province-2026", "example-province-2025"
THRESHOLDS = (0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)


def main() -> None:
    """Print a line for each threshold, and what is wrong at the one that is used."""
    pairs = yaml.safe_load(BY_HAND.read_text("utf-8"))["pairs"]
    right = {(pair["there"], pair["here"]): pair["relation"] for pair in pairs}
    here, there = _plans()
    used = pairing.LEAST, pairing.FAINT
    print(f"{len(right)} pairs by hand; {used[0]} is used, and {used[1]} where it is clear")
    print("| threshold | pairs | precision | recall | relations right |")
    print("|---|---|---|---|---|")
    for least, faint in [*((one, one) for one in THRESHOLDS), used]:
        found = _pairs(here, there, least, faint)
        both = found.keys() & right.keys()
        same = sum(found[pair] == right[pair] for pair in both)
        print(
            f"| {least if least == faint else f'{least}, {faint} if clear'} | {len(found)} | {len(both) / len(found):.3f} | "
            f"{len(both) / len(right):.3f} | {same} of {len(both)} |"
        )
    found = _pairs(here, there, *used)
    print("wrong:", *sorted(found.keys() - right.keys()))
    print("not found:", *sorted(right.keys() - found.keys()))
    relations = Counter((right[p], str(found[p])) for p in found.keys() & right.keys())
    for (by_hand, computed), number in sorted(relations.items()):
        print(f"{by_hand} by hand, {computed} computed: {number}")


def _pairs(
    here: ComparedPlan, there: ComparedPlan, least: float, faint: float
) -> dict[tuple[str, str], str]:
    pairing.LEAST, pairing.FAINT = least, faint
    return {
        (there.tasks[pair.there]["code"], here.tasks[pair.here]["code"]): pair.relation
        for pair in pairing.paired(here, there)
    }


def _plans() -> list[ComparedPlan]:
    source = Source("example", EXAMPLES)
    notices = [state_of(EXAMPLES / plan, source).notice for plan in (HERE, THERE)]
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/examples.db")
        config = Config(toml_file=ROOT / "pyproject.toml")
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        load(engine, read_registry(additions=[EXAMPLES / "registry"]), [n for n in notices if n])
        with Session(engine) as session:
            plans = [compared_plan(plan, read_inputs(session, plan)) for plan in (HERE, THERE)]
        engine.dispose()
    return plans


if __name__ == "__main__":
    main()
