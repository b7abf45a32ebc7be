"""A receiver, a service that delivers, and one that does not."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from app.resources.webhooks import delivering
from tests.support.databases import Databases
from tests.support.practice import Service, practising
from tests.support.receivers import PUBLIC_URL, Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def service(loaded_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setattr(delivering, "POLL_INTERVAL", 0.05)
    given = {"webhook_hosts": "127.0.0.1", "public_url": PUBLIC_URL}
    with practising(loaded_url, webhook_delivery=True, **given) as alive:
        alive.now = datetime.now(UTC).replace(microsecond=0)  # signatures hold for five minutes
        yield alive


@pytest.fixture(scope="package")
def quiet(databases: Databases) -> Iterator[Service]:
    """A service that delivers nothing, shared."""
    with databases.loaded() as url, practising(url, webhook_hosts="intranet.example") as alive:
        yield alive
