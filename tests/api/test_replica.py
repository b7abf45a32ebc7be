"""A replica serves what the primary would: it is asked only while it is not behind."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pydantic import ValidationError
from sqlalchemy import text
from starlette.testclient import TestClient

from app.db import replica
from app.db.engine import open_engine
from app.main import create_app
from app.settings import Settings
from app.telemetry.metrics import REPLICA_READS
from tests.support.databases import Databases
from tests.support.practice import REPORTS, Service, a_report

PATH = "/v1/tasks/gd-dg-2022-t1"


def execute(url: str, statement: str) -> None:
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


@contextmanager
def asking(primary: str, other: str) -> Iterator[TestClient]:
    """A client of a service that reads `other`, too; without its cache, so that each read counts."""
    settings = Settings(
        database_url=primary,
        database_replica_url=other,
        cache_megabytes=0,
        webhook_delivery=False,
    )
    with TestClient(create_app(settings)) as client:
        yield client


def results(client: TestClient) -> list[str]:
    """What came of the replica, in the order of the first of each."""
    counters = client.app.state.metrics.counters  # type: ignore[attr-defined]
    return [labels[0] for name, labels in counters if name == REPLICA_READS]


def test_it_is_read_until_the_primary_is_ahead_and_again_when_it_has_caught_up(
    on_postgresql: Databases,
) -> None:
    mark = "UPDATE task SET document = '{\"of\":\"replica\"}' WHERE id = 'gd-dg-2022-t1'"
    with (
        on_postgresql.loaded() as primary,
        on_postgresql.loaded() as other,
        asking(primary, other) as client,
    ):
        execute(other, mark)  # a real one never differs, but so it is seen who was asked
        assert client.get(PATH).json() == {"of": "replica"}
        execute(primary, "UPDATE revision SET number = number + 1")
        assert client.get(PATH).json()["id"] == "gd-dg-2022-t1"
        execute(other, "UPDATE revision SET number = number + 1")
        assert client.get(PATH).json() == {"of": "replica"}
        execute(primary, "UPDATE revision SET epoch = 'a restore'")
        assert client.get(PATH).json()["id"] == "gd-dg-2022-t1"
        assert results(client) == ["used", "behind"]


def test_a_replica_that_is_not_there_costs_nothing_but_itself(
    on_postgresql: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replica, "REST", 3600)
    with on_postgresql.loaded() as primary:
        away = primary.replace("/main", "/not_main").replace("/gw", "/not_gw")
        with asking(primary, away) as client:
            assert [client.get(PATH).status_code for _ in range(3)] == [200] * 3
            assert results(client) == ["failed", "resting"]


def test_keys_are_those_of_the_primary(on_postgresql: Databases) -> None:
    """The key exists there only: a replica would not know that it was revoked."""
    with on_postgresql.loaded() as primary, on_postgresql.loaded() as other:
        service = Service(primary, database_replica_url=other)
        with service.client:
            assert service.post(REPORTS, a_report()).status_code == 201


def test_there_is_no_replica_of_sqlite() -> None:
    with pytest.raises(ValidationError):
        Settings(database_url="sqlite:///a.db", database_replica_url="postgresql://h/d")
