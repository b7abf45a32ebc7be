"""The service without a server, on both databases: to be read, and to be written to."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from app.settings import Settings
from tests.support.databases import Databases
from tests.support.practice import holder, practising
from tests.support.raw import Service, alive


@contextmanager
def one_of_each(*kinds: Databases) -> Iterator[dict[str, str]]:
    """The same loaded data on each kind of database."""
    with ExitStack() as stack:
        yield {each.kind: stack.enter_context(each.loaded()) for each in kinds}


@pytest.fixture(scope="session")
def services(on_sqlite: Databases, on_postgresql: Databases) -> Iterator[list[Service]]:
    """The same data on SQLite and on PostgreSQL."""
    with (
        one_of_each(on_sqlite, on_postgresql) as urls,
        alive(urls, Settings(webhook_delivery=False)) as found,
    ):
        yield found


@pytest.fixture(scope="session")
def writable(
    on_sqlite: Databases, on_postgresql: Databases
) -> Iterator[tuple[list[Service], dict[str, str]]]:
    """The same again, with a report, to be written to; and a key on both for each role."""
    with one_of_each(on_sqlite, on_postgresql) as urls:
        settings, keys = written_to(urls.values())
        with alive(urls, settings) as found:
            yield found, keys


def written_to(urls: Iterable[str]) -> tuple[Settings, dict[str, str]]:
    keys: dict[str, str] = {}
    for url in urls:
        with practising(url) as practice:
            for number, role in enumerate(("reporter", "coordinator", "assessor", "admin")):
                same = bytes([65 + number])
                made = practice.key(role, random=lambda size, same=same: same * size)
                practice.keys[holder(role)] = keys[role] = made
            practice.one_of_each()
            assert practice.report_error().status_code == 303
    # What polls in the background would be counted in the work of later tests of the process.
    return practice.settings.model_copy(update={"webhook_delivery": False}), keys
