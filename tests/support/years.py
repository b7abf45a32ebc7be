"""The plans of governments that do not exist, beside the real notice."""

from pathlib import Path

from seed.load import load
from seed.notice_files import ReadNotice
from seed.plan_state import state_of
from seed.registry import Registry, read_registry
from seed.sources import EXAMPLES, sources
from tests.support import LOADED_AT
from tests.support.databases import migrated


def example_registry() -> Registry:
    """The repository's registry with what the examples add."""
    return read_registry(additions=[EXAMPLES / "registry"])


def example_notices() -> list[ReadNotice]:
    """The real notice and all examples; tests read them once in a run."""
    return read_examples()


def read_examples() -> list[ReadNotice]:
    """What `seed load --examples` reads."""
    states = [
        state_of(folder, source)
        for source in sources(Path("no-plans-of-an-operator"), examples=True)
        for folder in source.plan_folders()
    ]
    return [state.notice for state in states if state.notice]


def fill_with_examples(url: str) -> None:
    """Build a database, unless its tables are there, and load them."""
    engine = migrated(url)
    load(engine, example_registry(), example_notices(), LOADED_AT)
    engine.dispose()
