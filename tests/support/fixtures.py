"""Fixtures of all tests: databases of both kinds, and the service on them."""

import gc
import os
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from sqlalchemy import Engine, event
from starlette.testclient import TestClient

from app.db import compiled
from app.main import create_app
from app.settings import Settings
from app.writing import retention
from seed.notice_files import NOTICES, ReadNotice, read_notice
from seed.registry import Registry, read_registry
from tests.support import PLAN
from tests.support.databases import Databases, PostgreSQL, SQLite
from tests.support.made_once import (
    contract_made_once,
    dialects_initialized_once,
    examples_read_once,
    routes_made_once,
    statements_compiled_once,
    yaml_parsed_once,
)
from tests.support.once import Once
from tests.support.one_turn import one_turn
from tests.support.postgresql import Server

# No test is timed: how long an example takes depends on what else the machine does.
hypothesis.settings.register_profile("tests", deadline=None)
hypothesis.settings.load_profile("tests")


def pytest_collection_finish() -> None:
    """Of the time of the tests, a fifth went into looking for garbage among what stays to the end."""
    gc.enable()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """What is made once in a run: the folders of its processes lie in one."""
    folder = tmp_path_factory.getbasetemp()
    return Once(folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder)


@pytest.fixture(scope="session", autouse=True)
def made_once(once: Once) -> Iterator[None]:
    with (
        contract_made_once(once),
        examples_read_once(once),
        routes_made_once(),
        dialects_initialized_once(),
        statements_compiled_once(),
        yaml_parsed_once(),
        one_turn(),
    ):
        yield


@pytest.fixture(scope="session", autouse=True)
def no_rounds_of_retention() -> Iterator[None]:
    """An app has its first after a minute, in a thread of its own: amid a test that counts statements."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(retention, "FIRST", retention.EVERY)
        yield


@pytest.fixture(scope="session")
def registry() -> Registry:
    return read_registry()


@pytest.fixture(scope="session")
def notice(registry: Registry) -> ReadNotice:
    return read_notice(NOTICES / PLAN, registry)


@pytest.fixture(scope="session")
def on_sqlite(server: Server) -> Databases:
    return SQLite(server, os.environ.get("PYTEST_XDIST_WORKER", "main"))


@pytest.fixture(scope="session")
def on_postgresql(server: Server) -> Databases:
    return PostgreSQL(server, os.environ.get("PYTEST_XDIST_WORKER", "main"))


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def databases(
    request: pytest.FixtureRequest, on_sqlite: Databases, on_postgresql: Databases
) -> Databases:
    """What every test asks that needs a database: it runs once on each kind."""
    return on_sqlite if request.param == "sqlite" else on_postgresql


@pytest.fixture
def empty_url(databases: Databases) -> Iterator[str]:
    """An empty database for one test."""
    with databases.empty() as url:
        yield url


@pytest.fixture
def tables_url(databases: Databases) -> Iterator[str]:
    """A database with its tables and no notice, for one test."""
    with databases.with_tables() as url:
        yield url


@pytest.fixture
def loaded_url(databases: Databases) -> Iterator[str]:
    """A loaded database for one test, which may write to it."""
    with databases.loaded() as url:
        yield url


@pytest.fixture(scope="session")
def database_url(databases: Databases) -> Iterator[str]:
    """The loaded database that reading tests share."""
    with databases.loaded() as url:
        yield url


@pytest.fixture(scope="session")
def client(database_url: str) -> Iterator[TestClient]:
    """The service over HTTP, for reading tests."""
    app = create_app(Settings(database_url=database_url, webhook_delivery=False))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def uncached(database_url: str) -> Iterator[TestClient]:
    """The service with no response cached, and a pool that is filled."""
    app = create_app(Settings(database_url=database_url, cache_megabytes=0, webhook_delivery=False))
    with TestClient(app) as client:
        client.get("/v1/tasks?limit=1")
        yield client


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What any engine executes while the test runs, also past SQLAlchemy."""
    seen: list[str] = []

    def note(conn: object, cursor: object, statement: str, *rest: object) -> None:
        seen.append(statement)

    send = compiled.send

    def send_noted(driver: Any, statement: str, values: Any) -> Any:
        seen.append(statement)
        return send(driver, statement, values)

    monkeypatch.setattr(compiled, "send", send_noted)
    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)
