"""Text of several lines is stored with line feeds, however its lines ended: Windows sends CRLF."""

from collections.abc import Iterator
from typing import Any

import pytest
from httpx2 import Response

from tests.support.practice import (
    ASSESSMENTS,
    BULLETINS,
    REPORTS,
    TASK,
    Service,
    a_bulletin,
    a_report,
    an_assessment,
    practising,
)

CAME = "甲\r\n乙\r丙\n丁\r\r\n戊\r\n"
STORED = "甲\n乙\n丙\n丁\n\n戊\n"
EVIDENCE = {"url": "https://www.example.gov.cn/demo/1.html", "title": CAME}


@pytest.fixture
def service(loaded_url: str) -> Iterator[Service]:
    with practising(loaded_url) as alive:
        yield alive


def done(answer: Response) -> dict[str, Any]:
    assert answer.status_code in (200, 201), answer.text
    document: dict[str, Any] = answer.json()
    return document


def test_reports_measurements_and_withdrawals(service: Service) -> None:
    report = done(service.report(summary=CAME, reason=CAME, evidence=[EVIDENCE]))
    assert (report["summary"], report["reason"]) == (STORED, STORED)
    assert report["evidence"][0]["title"] == STORED
    assert service.json(f"/v1/reports/{report['id']}") == report
    measurement = {"as_of": "2022-06-30", "value": 1, "unit": "个", "method": CAME}
    path = f"/v1/targets/{TASK}-k1/measurements"
    assert done(service.post(path, measurement))["method"] == STORED
    path = f"/v1/reports/{report['id']}/withdrawal"
    withdrawn = done(service.post(path, {"reason": CAME}, "coordinator"))
    assert withdrawn["withdrawal"]["reason"] == STORED


def test_milestones(service: Service) -> None:
    path = f"/v1/tasks/{TASK}/milestones"
    milestone = done(service.post(path, {"title": CAME, "due_on": "2022-09-30"}))
    assert milestone["title"] == STORED
    dropped = service.patch(
        f"/v1/milestones/{milestone['id']}", {"kind": "dropped", "reason": CAME}, If_Match="*"
    )
    assert done(dropped)["changes"][0]["reason"] == STORED


def test_assessments_and_bulletins(service: Service) -> None:
    members = ("grade", "findings", "method", "assessor")
    sent = an_assessment(**dict.fromkeys(members, CAME))
    assessment = done(service.post(ASSESSMENTS, sent, "assessor"))
    assert [assessment[name] for name in members] == [STORED] * 4
    sent = a_bulletin(title=CAME, body=CAME)
    bulletin = done(service.post(BULLETINS, sent, "coordinator"))
    assert (bulletin["title"], bulletin["body"]) == (STORED, STORED)


def test_length_is_counted_as_stored(service: Service) -> None:
    assert (
        done(service.report(summary="\r\n".join("字" * 2000) + "。"))["summary"].count("\n") == 1999
    )
    refused = service.report(summary="\r\n".join("字" * 2001))
    assert [error["name"] for error in refused.json()["errors"]] == ["summary"]


@pytest.mark.parametrize("text", ["\r\n", "\r", " \r\n\t", "a\x0b", "a\x0c\r\n", "a\u2028b"])
def test_line_ends_alone_and_other_controls_are_still_refused(service: Service, text: str) -> None:
    refused = service.report(summary=text)
    assert refused.status_code == 422
    assert [error["name"] for error in refused.json()["errors"]] == ["summary"]


def test_ids_and_addresses_have_no_lines(service: Service) -> None:
    evidence = {"url": "https://www.example.gov.cn/demo\r\n/1.html"}
    assert service.report(evidence=[evidence]).status_code == 422
    assert service.report(replaces=f"{TASK}-r1\r\n").status_code == 422


def test_a_key_is_for_the_body_as_it_was_sent(service: Service) -> None:
    """Another body under the same key is another request, also where only its line ends differ."""
    first = service.post(REPORTS, a_report(summary="甲\r\n乙"), Idempotency_Key="k")
    again = service.post(REPORTS, a_report(summary="甲\r\n乙"), Idempotency_Key="k")
    other = service.post(REPORTS, a_report(summary="甲\n乙"), Idempotency_Key="k")
    assert first.content == again.content
    assert other.status_code == 409
