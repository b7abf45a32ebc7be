"""The same request again, for whatever reason, gives the first answer again."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.practice import REPORTS, Service, a_report, practising


@pytest.fixture
def service(loaded_url: str) -> Iterator[Service]:
    with practising(loaded_url) as alive:
        yield alive


def test_the_same_again_is_answered_and_not_done(service: Service) -> None:
    first, again = (service.post(REPORTS, a_report(), Idempotency_Key="k") for _ in range(2))
    assert first.status_code == again.status_code == 201
    assert again.content == first.content
    for name in ("location", "etag", "content-location"):
        assert again.headers[name] == first.headers[name]
    assert service.json(REPORTS)["page"]["total"] == 1


def test_the_first_answer_stays_when_the_report_has_changed_since(service: Service) -> None:
    first = service.post(REPORTS, a_report(), Idempotency_Key="k")
    service.report(status="delayed", replaces=first.json()["id"])
    again = service.post(REPORTS, a_report(), Idempotency_Key="k")
    assert again.content == first.content
    assert again.json()["state"] == "in_force"


def test_another_body_or_path_under_the_same_key_is_409(service: Service) -> None:
    service.post(REPORTS, a_report(), Idempotency_Key="k")
    other = service.post(REPORTS, a_report(as_of="2022-05-31"), Idempotency_Key="k")
    elsewhere = service.post(REPORTS.replace("17.2", "17.1"), a_report(), Idempotency_Key="k")
    for refused in (other, elsewhere):
        assert refused.status_code == 409
        assert refused.json()["type"] == "/problems/idempotency-key-reused"
    assert service.json("/v1/reports")["page"]["total"] == 1


def test_a_refused_request_may_be_mended_under_the_same_key(service: Service) -> None:
    assert (
        service.post(REPORTS, a_report(as_of="2099-01-01"), Idempotency_Key="k").status_code == 422
    )
    assert service.post(REPORTS, a_report(), Idempotency_Key="k").status_code == 201


def test_keys_of_two_callers_are_strangers(service: Service) -> None:
    service.post(REPORTS, a_report(), Idempotency_Key="k")
    path = "/v1/tasks/gd-dg-2022-t15.4/reports"
    assert (
        service.post(path, a_report(), agency="gd-energy", Idempotency_Key="k").status_code == 201
    )


@pytest.mark.parametrize("key", [None, "", " ", "a b", "键", "x" * 256])
def test_a_write_without_a_usable_key_is_422(service: Service, key: str | None) -> None:
    headers = {"Authorization": f"Bearer {service.key()}"}
    if key is not None:
        headers["Idempotency-Key"] = key.encode()  # type: ignore[assignment]
    refused = service.client.post(REPORTS, json=a_report(), headers=headers)
    assert refused.status_code == 422
    assert [(e["in"], e["name"]) for e in refused.json()["errors"]] == [
        ("header", "Idempotency-Key")
    ]
    assert service.json(REPORTS)["page"]["total"] == 0


def test_20_at_once_are_one(service: Service) -> None:
    service.key()
    with ThreadPoolExecutor(20) as pool:
        answers = list(
            pool.map(lambda _: service.post(REPORTS, a_report(), Idempotency_Key="k"), range(20))
        )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert service.json(REPORTS)["page"]["total"] == 1
