"""Measurements: where targets stand, and when they are met."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.db.models import Target
from app.enums import Comparator, Direction, TargetKind
from app.projections import documents
from app.projections.progress import is_met
from app.writing.audit_verification import faults
from seed.load import load
from seed.notice_files import ReadNotice
from seed.registry import Registry
from tests.support import PLAN
from tests.support.databases import Databases
from tests.support.notices import corrected
from tests.support.practice import NOW, TASK, Service, practising

TARGET = f"{TASK}-k1"  # 3至5个
COVERAGE, MORE_THAN = f"{TASK}-k2", f"{TASK}-k3"  # 全覆盖, 超过200万
PATH = f"/v1/targets/{TARGET}/measurements"


@pytest.fixture
def service(loaded_url: str) -> Iterator[Service]:
    with practising(loaded_url) as alive:
        yield alive


@pytest.fixture(scope="module")
def refusing(databases: Databases) -> Iterator[Service]:
    """For requests that store nothing."""
    with databases.loaded() as url, practising(url) as alive:
        yield alive


def measure(service: Service, target: str = TARGET, **changes: Any) -> Any:
    said = {"as_of": "2022-06-30", "value": 2, "unit": "个", "method": "试验：计数。", **changes}
    return service.post(f"/v1/targets/{target}/measurements", said)


def attainment(service: Service, target: str = TARGET) -> Any:
    """As the target says, and as its task says, which must be the same."""
    alone = service.json(f"/v1/targets/{target}")["attainment"]
    shown = {one["id"]: one["attainment"] for one in service.json(f"/v1/tasks/{TASK}")["targets"]}
    assert shown[target] == alone
    return alone


def test_a_measurement_is_stored_and_the_target_shows_it(service: Service) -> None:
    assert attainment(service) == {
        "status": "not_reported", "status_label": "未报告",
        "latest_value": None, "measured_on": None,
    }  # fmt: skip
    made = measure(service)
    assert made.status_code == 201
    assert made.json()["id"] == f"{TARGET}-v1"
    assert made.json()["target"]["statement"] == "开展3至5个行业专题服务提升行动"
    assert service.json(f"/v1/measurements/{TARGET}-v1") == made.json()
    assert service.json(PATH)["data"] == [made.json()]
    assert service.json(f"/v1/measurements?target={TARGET}&agency=省政数局")["data"] == [
        made.json()
    ]
    assert attainment(service) == {
        "status": "below", "status_label": "未达到",
        "latest_value": 2, "measured_on": "2022-06-30",
    }  # fmt: skip
    measure(service, as_of="2022-09-30", value=3)
    assert attainment(service)["status"] == "met"
    assert [t["id"] for t in service.json("/v1/targets?attainment=met")["data"]] == [TARGET]
    measure(service, as_of="2022-03-31", value=1)  # later told, of an earlier day
    assert attainment(service)["latest_value"] == 3


def test_corrections_and_withdrawals_are_computed_anew(service: Service) -> None:
    first = measure(service, value=4).json()["id"]
    assert attainment(service)["status"] == "met"
    second = measure(service, value=1, replaces=first).json()
    assert service.json(f"/v1/measurements/{first}")["replaced_by"] == second["id"]
    assert attainment(service)["status"] == "below"
    path = f"/v1/measurements/{second['id']}/withdrawal"
    withdrawn = service.post(path, {"reason": "试验"}, "coordinator")
    assert withdrawn.json()["state"] == "withdrawn"
    assert attainment(service)["status"] == "not_reported"


def test_figures_are_exact(service: Service) -> None:
    for number, value in enumerate((0.1, 2_000_000.000001, -1, 999_999_999_999_999)):
        day = f"2022-06-0{number + 1}"
        made = measure(service, MORE_THAN, unit=None, value=value, as_of=day)
        assert made.json()["value"] == value
        assert attainment(service, MORE_THAN)["latest_value"] == value
    assert '"value":0.1,' in service.client.get(f"/v1/measurements/{MORE_THAN}-v1").text


@pytest.mark.parametrize(
    ("target", "changes", "status", "name"),
    [
        (TARGET, {"unit": "项"}, 422, "unit"),
        (TARGET, {"unit": None}, 422, "unit"),
        (MORE_THAN, {}, 422, "unit"),
        (COVERAGE, {"unit": "个"}, 422, "unit"),
        (COVERAGE, {"unit": "%", "value": 101}, 422, "value"),
        (COVERAGE, {"unit": "%", "value": -1}, 422, "value"),
        (TARGET, {"value": "3"}, 422, "value"),
        (TARGET, {"value": True}, 422, "value"),
        (TARGET, {"value": None}, 422, "value"),
        (TARGET, {"value": [3]}, 422, "value"),
        (TARGET, {"value": 1e16}, 422, "value"),
        (TARGET, {"value": 0.0000001}, 422, "value"),
        (TARGET, {"as_of": "2026-03-03"}, 422, "as_of"),
        (TARGET, {"method": " "}, 422, "method"),
        (TARGET, {"replaces": f"{MORE_THAN}-v1"}, 422, "replaces"),
        (f"{TASK}-k9", {}, 404, None),
        ("gd-dg-2022-s2-k1", {}, 403, None),  # of a section, which nobody leads
        ("gd-dg-2022-t20-k1", {"unit": "核"}, 201, None),
        ("gd-dg-2022-t18.5-k1", {"unit": "%"}, 403, None),
    ],
)
def test_what_does_not_fit_is_refused(
    refusing: Service, target: str, changes: dict[str, Any], status: int, name: str | None
) -> None:
    answer = measure(refusing, target, **changes)
    assert answer.status_code == status, answer.text
    if name:
        assert [error["name"] for error in answer.json()["errors"]] == [name]
    assert refusing.json(PATH)["data"] == []


@pytest.mark.parametrize(
    ("value", "status"),
    [("NaN", 400), ("Infinity", 400), ("1e400", 422), ("9" * 5000, 400), ("0." + "1" * 5000, 400)],
)
def test_what_is_no_finite_figure_is_refused(refusing: Service, value: str, status: int) -> None:
    headers = {
        "Authorization": f"Bearer {refusing.key()}",
        "Idempotency-Key": "x",
        "Content-Type": "application/json",
    }
    raw = f'{{"as_of": "2022-06-30", "value": {value}, "unit": "个", "method": "试验"}}'
    answer = refusing.client.post(PATH, content=raw, headers=headers)
    assert answer.status_code == status, answer.text


def test_one_a_day(service: Service) -> None:
    first = measure(service).json()["id"]
    again = measure(service, value=3)
    assert again.status_code == 409
    assert first in again.json()["detail"]


@pytest.mark.parametrize(
    ("comparator", "value", "met", "below"),
    [
        (Comparator.GT, 200, [200.5, 201], [200, 199, 0]),
        (Comparator.GTE, 200, [200, 201], [199.9]),
        (Comparator.LT, 3, [2.9, 0], [3, 4]),
        (Comparator.LTE, 3, [3, 0], [3.1]),
        (Comparator.EQ, 100, [100, 104], [99]),
        (Comparator.BETWEEN, 3, [3, 4, 6], [2]),
    ],
)
def test_a_figure_that_is_reached_or_exceeded_is_met(
    comparator: Comparator, value: int, met: list[float], below: list[float]
) -> None:
    target = Target(
        id="t", kind=TargetKind.QUANTITATIVE, comparator=comparator, value=Decimal(value)
    )
    assert [is_met(target, Decimal(str(one))) for one in met] == [True] * len(met)
    assert [is_met(target, Decimal(str(one))) for one in below] == [False] * len(below)


def test_a_reduction_is_measured_as_a_reduction_and_coverage_in_percent() -> None:
    reduction = Target(
        id="t", kind=TargetKind.QUANTITATIVE, comparator=Comparator.EQ, value=Decimal(60),
        direction=Direction.DECREASE,
    )  # fmt: skip
    assert is_met(reduction, Decimal(65))
    assert not is_met(reduction, Decimal(40))
    coverage = Target(id="t", kind=TargetKind.COVERAGE)
    assert is_met(coverage, Decimal(100))
    assert not is_met(coverage, Decimal("99.9"))
    with pytest.raises(ValueError, match="has no value"):
        is_met(Target(id="t", kind=TargetKind.DEADLINE), Decimal(1))


def test_loading_and_rebuilding_leave_it_as_it_is(
    service: Service, registry: Registry, notice: ReadNotice
) -> None:
    measure(service, value=4)
    measure(service, MORE_THAN, unit=None, value=1_999_999.5)
    before = attainment(service), attainment(service, MORE_THAN)
    with service.session() as session:
        assert list(faults(session, {})) == []
        stored = list(documents.stored_documents(session))
        documents.refresh(session, PLAN, NOW + timedelta(days=1))
        assert list(documents.stored_documents(session)) == stored
    with service.session() as session:
        engine = session.get_bind()
        load(engine, registry, [corrected(notice)], NOW + timedelta(days=1))  # type: ignore[arg-type]
    assert (attainment(service), attainment(service, MORE_THAN)) == before


def test_the_feed_tells_of_measurement_target_and_task(service: Service) -> None:
    last = service.json("/v1/changes?limit=1")["page"]["total"]
    measure(service)
    told = service.json(f"/v1/changes?after={last}")["data"]
    assert [(c["op"], c["resource"], c["id"]) for c in told] == [
        ("created", "measurement", f"{TARGET}-v1"),
        ("updated", "target", TARGET),
        ("updated", "task", TASK),
    ]


@pytest.mark.parametrize(
    ("number", "status"),
    [
        ("1e99999999999999999999", 400), ("1e-99999999999999999999", 400), ("NaN", 400),
        ("1e999999999", 422), ("1e-999999999", 422), ("1.000000000000000000000000000001", 422),
        ("1000000000000001", 422), ('"1"', 422), ("true", 422),
    ],
)  # fmt: skip
def test_a_number_beyond_all_figures_is_refused(
    refusing: Service, number: str, status: int
) -> None:
    headers = {
        "Authorization": f"Bearer {refusing.key()}",
        "Idempotency-Key": number,
        "Content-Type": "application/json",
    }
    body = f'{{"as_of": "2022-06-30", "value": {number}, "unit": "个", "method": "试验"}}'
    answer = refusing.client.post(PATH, content=body.encode(), headers=headers)
    assert answer.status_code == status, answer.text
    assert refusing.json(PATH)["data"] == []
