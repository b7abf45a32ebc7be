"""What is removed after its days, and what stays for ever."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select, update

from app.db.models import AuditLine, Change, Delivery, StoredResponse
from app.enums import DeliveryState
from app.kinds import FACT_KINDS
from app.writing import retention
from tests.support.practice import NOW, REPORTS, Service, a_report, practising

EVER = (*(kind.model for kind in FACT_KINDS), AuditLine, Change)


@pytest.fixture
def service(loaded_url: str) -> Iterator[Service]:
    with practising(loaded_url, idempotency_days=7, delivery_days=30) as alive:
        yield alive


def count(service: Service, table: Any) -> int:
    with service.session() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def remove(service: Service) -> int:
    assert service.client.portal
    removed: int = service.client.portal.call(service.app.state.retention.remove)
    return removed


def test_a_response_is_replayed_for_its_days_and_then_removed(service: Service) -> None:
    first = service.post(REPORTS, a_report(), Idempotency_Key="k")
    ever = [count(service, table) for table in EVER]
    service.now = NOW + timedelta(days=7)
    assert remove(service) == 0
    again = service.post(REPORTS, a_report(), Idempotency_Key="k")
    assert (again.status_code, again.text) == (201, first.text)
    service.now += timedelta(seconds=1)
    assert remove(service) == 1
    assert count(service, StoredResponse) == 0
    assert [count(service, table) for table in EVER] == ever
    assert (
        service.post(REPORTS, a_report(), Idempotency_Key="k").status_code == 409
    )  # a new request


def test_deliveries_that_are_over_are_removed_and_pending_ones_stay(service: Service) -> None:
    service.subscribe()
    for day in (1, 2, 3):
        assert service.report(as_of=f"2022-07-0{day}").status_code == 201
    with service.session() as session:
        seqs = session.scalars(select(Delivery.seq).order_by(Delivery.seq)).all()
        states = DeliveryState.DELIVERED, DeliveryState.FAILED, DeliveryState.PENDING
        for seq, state in zip(seqs, states, strict=True):
            changed = update(Delivery).where(Delivery.seq == seq)
            session.execute(changed.values(state=state, last_attempt_at=NOW))
    service.now = NOW + timedelta(days=30)
    remove(service)
    assert count(service, Delivery) == 3
    service.now += timedelta(seconds=1)
    assert remove(service) == 2
    with service.session() as session:
        assert session.scalars(select(Delivery.state)).all() == [DeliveryState.PENDING]


def test_several_workers_at_once_remove_each_row_once_in_small_batches(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for day in range(1, 8):
        assert service.report(as_of=f"2022-07-{day:02}").status_code == 201
    stored = count(service, StoredResponse)
    with (
        practising(service.url, idempotency_days=7) as other,
        ThreadPoolExecutor(2) as threads,
    ):
        service.now = other.now = NOW + timedelta(days=8)
        assert sum(threads.map(remove, (service, other))) == stored
    assert count(service, StoredResponse) == 0


def test_a_response_that_the_version_before_stored_counts_from_when_it_is_found(
    service: Service,
) -> None:
    service.post(REPORTS, a_report(), Idempotency_Key="k")
    with service.session() as session:
        session.execute(update(StoredResponse).values(stored_at=None))
    service.now = NOW + timedelta(days=20)
    assert remove(service) == 0
    service.now += timedelta(days=8)
    assert remove(service) == 1


def test_nothing_to_remove_costs_no_writer_anything(
    service: Service, statements: list[str]
) -> None:
    service.report()
    transactions: list[Any] = []
    event.listen(service.app.state.writer.engine, "begin", transactions.append)
    statements.clear()
    assert remove(service) == 0
    assert transactions == []
    assert sum(s.startswith("SELECT") for s in statements) == 3
    service.now += timedelta(days=28)
    assert remove(service) == 1
    assert transactions
