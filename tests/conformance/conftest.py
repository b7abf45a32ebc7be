"""Our service, seeded, with something withdrawn, behind a layer that can make mistakes."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from starlette.testclient import TestClient

from app.db.engine import open_engine
from app.main import create_app
from app.settings import Settings
from conformance.contract import PUBLISHED, Contract, Schema
from seed.load import load
from seed.notice_files import ReadNotice
from seed.registry import Registry
from tests.conformance.faults import Between
from tests.support import LATER
from tests.support.databases import Databases
from tests.support.notices import corrected, on_pages
from tests.support.practice import practising


@dataclass(frozen=True)
class Remembering(Contract):
    """Two hundred servers give the same documents but for a mistake; to look at one takes 5 ms."""

    looked_at: dict[str, list[str]] = field(default_factory=dict)

    def mistakes(self, schema: Schema, instance: object) -> list[str]:
        key = json.dumps([schema, instance])
        if key not in self.looked_at:
            self.looked_at[key] = super().mistakes(schema, instance)
        return self.looked_at[key]


@pytest.fixture(scope="session")
def contract() -> Contract:
    return Remembering.read(PUBLISHED)


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
