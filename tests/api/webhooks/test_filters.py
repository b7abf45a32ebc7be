"""Webhooks are notified of the events that they name, under their filters."""

from typing import Any

import pytest

from app.writing.audit_verification import faults
from tests.support import PLAN
from tests.support.practice import LEAD, TASK, WEBHOOKS, Service
from tests.support.receivers import Receiver, deliveries, settled, until


def test_only_what_was_asked_for_is_told_and_only_from_then_on(
    service: Service, receiver: Receiver
) -> None:
    service.report(as_of="2022-01-31")
    service.subscribe(url=receiver.url, events=["task.updated", "report.updated", "task.updated"])
    report = service.report(as_of="2022-02-28", status="completed").json()["id"]
    service.post(f"/v1/reports/{report}/withdrawal", {"reason": "试验"}, "coordinator")
    until(lambda: len(receiver.got) == 3 and settled(service))
    assert sorted(receiver.events) == [f"report.updated {report}", *[f"task.updated {TASK}"] * 2]


def test_filters_leave_out_what_concerns_others(service: Service, receiver: Receiver) -> None:
    events = ["report.created", "task.updated", "assessment.created"]
    for filters in ({"agency": ["gd-energy"]}, {"agency": [LEAD, "gd-energy"], "plan": [PLAN]}):
        service.subscribe(url=receiver.url, events=events, filters=filters)
    report = service.report().json()["id"]
    assessed = service.assess(subject={"kind": "agency", "id": "gd-energy"}).json()["id"]
    service.assess()  # of a region, which concerns no agency
    until(lambda: len(receiver.got) == 4 and settled(service))
    assert [one["resource_id"] for one in deliveries(service)] == [assessed]
    of_both = deliveries(service, id_="webhook-2")
    assert [one["resource_id"] for one in of_both] == [assessed, TASK, report]


def test_filters_that_are_changed_hold_for_what_is_queued_from_then_on(service: Service) -> None:
    service.subscribe(url="https://receiver.example.gov.cn/", filters={"agency": ["gd-energy"]})
    path = f"{WEBHOOKS}/webhook-1"
    filters = service.private(path).json()["filters"]
    assert {name: ids for name, ids in filters.items() if ids} == {"agency": ["gd-energy"]}
    service.report(as_of="2022-01-31")
    for day, body in {
        "2022-02-28": {"enabled": True, "filters": {"agency": [LEAD, LEAD]}},
        "2022-03-31": {"enabled": True},  # as they were
        "2022-04-30": {"enabled": True, "filters": {}},
        "2022-05-31": {"enabled": True, "filters": {"agency": ["gd-energy"], "plan": [PLAN]}},
    }.items():
        changed = service.patch(path, body, role="admin", If_Match="*")
        assert changed.status_code == 200, changed.text
        service.report(as_of=day)
    told = [one["resource_id"] for one in deliveries(service)]
    assert told == [f"{TASK}-r{number}" for number in (4, 3, 2)]
    with service.session() as session:
        assert list(faults(session, {})) == []


@pytest.mark.parametrize("filters", [{"agency": ["省能源局"]}, {"agency": ["gd-energy", "gd-none"]},
                                     {"agency": ["x" * 201]}, {"plan": ["gd-dg-2021"]},
                                     {"plan": [LEAD]}, {"within": ["某省"]}, {"year": ["2022"]},
                                     {"jurisdiction": ["\u0000"]}, {"series": ["none"]},
                                     {"agency": ["\u0000"]}, {"role": ["lead"]},
                                     {"agency": "gd-energy"}, {"agency": ["gd-energy"] * 101}, [],
                                     {"agency": [1]}, {"agency": None}])  # fmt: skip
def test_a_filter_of_what_does_not_exist_is_refused(quiet: Service, filters: Any) -> None:
    refused = quiet.subscribe(filters=filters)
    assert refused.status_code == 422
    [error] = refused.json()["errors"][:1]
    assert error["name"].startswith("filters")
