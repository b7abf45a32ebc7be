"""Our service, seeded, with something withdrawn, behind a layer that can make mistakes."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from app.db.engine import open_engine
from app.main import create_app
from app.settings import Settings
from conformance.contract import PUBLISHED, Contract
from seed.load import load
from seed.notice_files import ReadNotice
from seed.registry import Registry
from tests.conformance.faults import Between
from tests.support import LATER
from tests.support.databases import Databases
from tests.support.notices import corrected, on_pages
from tests.support.practice import practising


@pytest.fixture(scope="session")
def contract() -> Contract:
    return Contract.read(PUBLISHED)


@pytest.fixture(scope="session")
def seeded_url(on_sqlite: Databases, registry: Registry, notice: ReadNotice) -> Iterator[str]:
    with on_sqlite.loaded() as url:
        engine = open_engine(url)
        load(engine, registry, [on_pages(corrected(notice))], LATER)  # the last item is withdrawn
        engine.dispose()
        with practising(url) as practice:
            report = practice.report().json()
            practice.report(status="delayed", replaces=report["id"])
        yield url


@pytest.fixture(scope="session")
def between(seeded_url: str) -> Between:
    return Between(create_app(Settings(database_url=seeded_url, webhook_delivery=False)))


@pytest.fixture(scope="session")
def served(between: Between) -> Iterator[TestClient]:
    with TestClient(between, raise_server_exceptions=False) as client:
        yield client
