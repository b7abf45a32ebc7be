"""Webhooks belong to a government, and are filtered by government, year and series."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.cli.commands import grant_delegation
from app.enums import ChangeOperation
from app.projections.change_feed import append_changes, moment_of_writing
from tests.support.databases import Databases
from tests.support.practice import BULLETINS, WEBHOOKS, Service, a_bulletin, practising
from tests.support.years import fill_with_examples

EVENTS = ["bulletin.created", "agency.updated", "platform.updated", "jurisdiction.updated"]
FIRST, EARLIER, LATER = "gd-dg-2022", "example-province-2025", "example-province-2026"
SERIES = "example-province-digital-government"
# What changes → the government that it belongs to, the years and the series of its plans.
BULLETIN_OF_FIRST, BULLETIN_OF_EARLIER, BULLETIN_OF_LATER = (
    f"{plan}-b1" for plan in (FIRST, EARLIER, LATER)
)
AGENCY, PLATFORM, PROVINCE = "gd-energy", "yue-zheng-yi", "990000"


@pytest.fixture(scope="module")
def service(databases: Databases) -> Iterator[Service]:
    with databases.copy_of("examples", fill_with_examples) as url, practising(url) as alive:
        yield alive


FILTERS: list[tuple[str | None, dict[str, Any], set[str]]] = [
    (None, {"jurisdiction": ["440000"]}, {BULLETIN_OF_FIRST, AGENCY, PLATFORM}),
    (None, {"jurisdiction": ["示例省"]}, {BULLETIN_OF_EARLIER, BULLETIN_OF_LATER, PROVINCE}),
    (None, {"within": ["900000"]}, {BULLETIN_OF_EARLIER, BULLETIN_OF_LATER, PROVINCE}),
    (None, {"within": ["100000"], "year": [2022]}, {BULLETIN_OF_FIRST, AGENCY, PLATFORM}),
    (None, {"year": [2026]}, {BULLETIN_OF_LATER, PROVINCE}),
    (None, {"series": [SERIES], "year": [2025]}, {BULLETIN_OF_EARLIER, PROVINCE}),
    (None, {"within": ["100000"], "jurisdiction": ["990000"]}, set()),
    ("440000", {}, {BULLETIN_OF_FIRST, AGENCY, PLATFORM}),
    ("900000", {"year": [2025]}, {BULLETIN_OF_EARLIER, PROVINCE}),
    ("900000", {"jurisdiction": ["440000"]}, set()),
]  # fmt: skip


def test_a_webhook_is_notified_of_its_government_and_of_what_its_filters_leave(
    service: Service,
) -> None:
    made = [service.subscribe(of, events=EVENTS, filters=given) for of, given, _ in FILTERS]
    for plan, above in ((FIRST, "440000"), (EARLIER, "990000"), (LATER, "900000")):
        body = a_bulletin(plan=plan)
        assert service.post(BULLETINS, body, "coordinator", jurisdiction=above).status_code == 201
    with service.session() as session:
        now = moment_of_writing(session, lambda: service.now)
        grant_delegation(session, "gd-relevant-departments", AGENCY, now)
        entry = {"op": ChangeOperation.UPDATED, "at": now, "version": 2, "etag": None, "changed": [],
                 "plan_id": None, "is_example": False, "agencies": []}  # fmt: skip
        of_platform = {**entry, "resource": "platform", "id": PLATFORM, "jurisdiction_code": None}
        of_province = {**entry, "resource": "jurisdiction", "id": PROVINCE}
        append_changes(session, [of_platform, {**of_province, "jurisdiction_code": PROVINCE}])
    for (of, given, expected), webhook in zip(FILTERS, made, strict=True):
        assert webhook.status_code == 201, webhook.text
        rows = service.private(f"{webhook.headers['location']}/deliveries").json()["data"]
        assert {row["resource_id"] for row in rows} == expected, (of, given)


def test_names_of_governments_are_stored_as_codes_and_the_government_is_shown(
    service: Service,
) -> None:
    filters = {
        "jurisdiction": ["廣東省", "440000"],
        "within": ["示例国"],
        "year": [2026, 2025, 2026],
    }
    made = service.subscribe("440000", filters=filters).json()
    assert made["filters"] == {
        "agency": [], "plan": [], "jurisdiction": ["440000"], "within": ["900000"],
        "year": [2025, 2026], "series": [],
    }  # fmt: skip
    assert made["jurisdiction"] == {
        "code": "440000", "name": "广东省", "level": "province", "level_label": "省级"
    }  # fmt: skip


def test_an_administrator_of_a_government_sees_only_its_webhooks(service: Service) -> None:
    of_service, of_first, of_city = (
        service.subscribe(of).json()["id"] for of in (None, "440000", "440300")
    )
    shown: dict[str | None, set[str]] = {}
    for of in (None, "440000", "440300"):
        key = {"Authorization": f"Bearer {service.key('admin', jurisdiction=of)}"}
        page = service.client.get(f"{WEBHOOKS}?limit=1000", headers=key).json()
        assert page["page"]["total"] == len(page["data"])
        shown[of] = {row["id"] for row in page["data"]}
    assert {of_service, of_first, of_city} <= shown[None]
    assert {of_first, of_city} == shown["440000"] & {of_service, of_first, of_city}
    assert {of_city} == shown["440300"]
