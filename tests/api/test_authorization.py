"""Who may write what: every operation, role, agency and state of a credential has its status."""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cache

import pytest
from fastapi import APIRouter, Response

from app.cli import commands as administration
from app.db.models import ApiKey
from app.enums import KeyRole
from app.reading.transaction import ReaderDep
from app.routing import PrivateOperation, WriteDep, WriteOperation
from app.writing.audit_log import lines_after
from app.writing.keys import digest, key_id, new_key
from app.writing.permissions import PERMISSIONS, Reach
from app.writing.unit_of_work import WriteResponse
from tests.support.databases import Databases
from tests.support.operations import CASES, FOREIGN, Case, a_day, path_of
from tests.support.practice import (
    BULLETINS,
    HOME,
    LEAD,
    NOW,
    REPORTS,
    Service,
    a_bulletin,
    a_report,
    numbers,
    practising,
)
from tests.support.years import fill_with_examples

ELSEWHERE = ("990000", "440300")  # another province, and a city below that of the plan
CREDENTIALS = ("none", "malformed", "other scheme", "unknown", "expired", "revoked", "valid")


@pytest.fixture(scope="module")
def service(databases: Databases) -> Iterator[Service]:
    with databases.copy_of("examples", fill_with_examples) as url, practising(url) as alive:
        yield alive


def test_the_table_of_permissions_is_the_one_written_here() -> None:
    table = {
        operation: (sorted(permission.roles), permission.reach is Reach.ASSIGNED)
        for operation, permission in PERMISSIONS.items()
    }
    assert table == {name: ([case.role], case.only_own) for name, case in CASES.items()}


def test_the_contract_says_who_may(service: Service) -> None:
    document = service.app.openapi()
    with_key = {
        operation["operationId"]: operation["security"]
        for item in document["paths"].values()
        for method, operation in item.items()
        if method != "get" or operation["security"]
    }
    expected: dict[str, list[dict[str, list[str]]]]
    expected = {name: [{case.role: []}] for name, case in CASES.items()}
    expected["listErrorReports"].insert(0, {})  # those that are resolved need no key
    assert with_key == expected


def test_an_operation_that_nobody_may_do_does_not_start() -> None:
    router = APIRouter(route_class=WriteOperation)

    async def add_what_has_no_line(write: WriteDep) -> WriteResponse:
        raise NotImplementedError

    with pytest.raises(LookupError, match="addWhatHasNoLine"):
        router.post("/x")(add_what_has_no_line)


def test_what_is_read_with_a_key_needs_a_line_too() -> None:
    router = APIRouter(route_class=PrivateOperation)

    async def show_what_has_no_line(reader: ReaderDep) -> Response:
        raise NotImplementedError

    with pytest.raises(LookupError, match="showWhatHasNoLine"):
        router.get("/x")(show_what_has_no_line)


def expected(case: Case, role: str, whose: str, credential: str) -> int:
    if credential != "valid":
        return 401
    if role != case.role or (case.only_own and whose != LEAD):
        return 403
    return case.elsewhere if whose in ELSEWHERE else case.done


@cache
def dead_key(service: Service, role: str, whose: str, credential: str) -> str:
    """A key that has expired or is revoked."""
    agency, jurisdiction = (whose, None) if role == "reporter" else (None, whose)
    key = new_key()
    with service.session() as session:
        session.add(
            ApiKey(
                id=key_id(key), digest=digest(key, service.app.state.writer.secret),
                role=KeyRole(role), agency_id=agency, jurisdiction_code=jurisdiction,
                holder="试验", issued_at=NOW - timedelta(days=9), last_used_at=None,
                expires_at=NOW + timedelta(days=credential == "revoked"),
                revoked_at=NOW if credential == "revoked" else None,
            )
        )  # fmt: skip
    return key


def authorization(service: Service, role: str, whose: str, credential: str) -> str | None:
    """The header of somebody with a credential in this state."""
    agency, jurisdiction = (whose, None) if role == "reporter" else (None, whose)
    valid = service.key(role, agency, jurisdiction)
    if credential in ("expired", "revoked"):
        return f"Bearer {dead_key(service, role, whose, credential)}"
    headers = {
        "none": None,
        "malformed": f"Bearer {valid[:-1]}{'0' if valid[-1] != '0' else '1'}",
        "other scheme": f"Basic {valid}",
        "unknown": f"Bearer {new_key()}",
        "valid": f"bearer {valid}",
    }
    return headers[credential]


@pytest.mark.parametrize("credential", CREDENTIALS)
@pytest.mark.parametrize("operation", list(CASES))
def test_every_cell_has_its_status(service: Service, operation: str, credential: str) -> None:
    case = CASES[operation]
    path = path_of(case, service)  # of one thing for all cells, since at most one of them is done
    governments = (*ELSEWHERE, HOME) if credential == "valid" else (HOME,)
    cells = 0
    for role in KeyRole:
        for whose in (FOREIGN, LEAD) if role is KeyRole.REPORTER else governments:
            given = authorization(service, role, whose, credential)
            answer = service.client.request(
                case.method,
                path,
                json=case.body(),
                headers={
                    "Idempotency-Key": f"n{next(numbers)}",
                    "If-Match": "*",
                    **({"Authorization": given} if given else {}),
                },
            )
            status = expected(case, role, whose, credential)
            assert answer.status_code == status, (role, whose, answer.text)
            if status == 401:
                challenge = answer.headers["www-authenticate"]
                assert challenge.startswith('Bearer realm="workplan"')
                assert ("invalid_token" in challenge) is (credential != "none")
            if status > 400:
                assert answer.headers["content-type"] == "application/problem+json"
            cells += 1
    assert cells == 2 + 3 * len(governments)


def test_a_key_of_the_nation_reaches_the_plans_of_its_provinces(service: Service) -> None:
    done = service.post(BULLETINS, a_bulletin(), "coordinator", jurisdiction="100000")
    assert done.status_code == 201, done.text


def test_a_key_of_another_government_is_told_whose_plan_it_is(service: Service) -> None:
    body = a_bulletin(plan="example-province-2026")
    refused = service.post(BULLETINS, body, "coordinator", Accept_Language="en")
    assert refused.status_code == 403
    assert "广东省（440000）" in refused.json()["detail"]
    assert "this belongs to 示例省（990000）" in refused.json()["detail"]
    assert service.post(BULLETINS, body, "coordinator", jurisdiction="990000").status_code == 201


@pytest.mark.parametrize(
    ("kind", "id_", "status"),
    [
        ("region", "440300", 201), ("agency", "gd-energy", 201), ("agency", "gd-shenzhen", 201),
        ("region", "990000", 403), ("agency", "example-province-public-security", 403),
    ],
)  # fmt: skip
def test_an_assessor_assesses_nobody_of_a_foreign_government(
    service: Service, kind: str, id_: str, status: int
) -> None:
    subject = {"kind": kind, "id": id_}
    assert service.assess(subject=subject).status_code == status


def test_a_key_of_an_earlier_release_is_of_the_home(service: Service) -> None:
    key = service.key("coordinator", random=lambda size: b"h" * size)
    with service.session() as session:
        session.get_one(ApiKey, key_id(key)).jurisdiction_code = None
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "home"}
    for plan, status in (("example-province-2026", 403), ("gd-dg-2022", 201)):
        answer = service.client.post(BULLETINS, json=a_bulletin(plan=plan), headers=headers)
        assert answer.status_code == status, answer.text
        headers["Idempotency-Key"] = "home-2"
    with practising(service.url, home_jurisdiction=None) as homeless:
        headers["Idempotency-Key"] = "home-3"
        answer = homeless.client.post(BULLETINS, json=a_bulletin(), headers=headers)
    assert answer.status_code == 403
    assert "--jurisdiction" in answer.json()["detail"]


def test_a_key_is_dead_at_once_where_it_is_revoked(service: Service) -> None:
    key = service.key(random=lambda size: b"r" * size)
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "a"}
    body = a_report(as_of=a_day())
    assert service.client.post(REPORTS, json=body, headers=headers).status_code == 201
    with service.session() as session:
        session.get_one(ApiKey, key_id(key)).revoked_at = NOW
    again = service.client.post(REPORTS, json=body, headers=headers)
    assert again.status_code == 401
    assert "吊销" in again.json()["errors"][0]["message"]


def test_a_key_that_was_just_revoked_is_told_so_whatever_else_is_wrong(service: Service) -> None:
    """The event loop may know it from a second ago; the line of a refusal is not written for it."""
    key = service.key(random=lambda size: b"j" * size)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    assert service.client.post(REPORTS, content=b"{", headers=headers).status_code == 400
    with service.session() as session:
        session.get_one(ApiKey, key_id(key)).revoked_at = NOW
        lines = len(list(lines_after(session)))
    again = service.client.post(REPORTS, content=b"{", headers=headers)
    assert again.status_code == 401
    assert "吊销" in again.json()["errors"][0]["message"]
    with service.session() as session:
        assert len(list(lines_after(session))) == lines


def test_a_key_that_is_revoked_while_its_request_waits_writes_nothing(service: Service) -> None:
    key = service.key(random=lambda size: b"w" * size)
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "a"}
    writer, held = service.app.state.writer, threading.Event()
    with service.session() as session:
        lines = len(list(lines_after(session)))
    writer.thread.submit(held.wait)
    with ThreadPoolExecutor(1) as pool:
        try:
            report = a_report(as_of=a_day())
            waiting = pool.submit(service.client.post, REPORTS, json=report, headers=headers)
            until = time.monotonic() + 10
            while not writer.waiting and time.monotonic() < until:
                time.sleep(0.01)
            with service.session() as session:
                session.get_one(ApiKey, key_id(key)).revoked_at = NOW
        finally:
            held.set()
        answer = waiting.result()
    assert answer.status_code == 401
    assert "吊销" in answer.json()["errors"][0]["message"]
    with service.session() as session:
        assert len(list(lines_after(session))) == lines


def test_key_then_role_then_body_then_idempotency_key_then_what_the_command_asks(
    service: Service,
) -> None:
    nowhere = REPORTS.replace("t17.2", "t99")
    reporter, admin = (f"Bearer {service.key(role)}" for role in ("reporter", "admin"))
    valid = json.dumps(a_report()).encode()
    steps: list[tuple[int, str, dict[str, str], bytes]] = [
        (401, "unauthorized", {}, b"{"),
        (403, "forbidden", {"Authorization": admin, "Content-Type": "text/csv"}, b"{"),
        (
            415,
            "unsupported-media-type",
            {"Authorization": reporter, "Content-Type": "text/csv"},
            b"{",
        ),
        (400, "malformed-request", {"Authorization": reporter}, b"{"),
        (422, "invalid-parameters", {"Authorization": reporter}, b"{}"),
        (422, "invalid-parameters", {"Authorization": reporter}, valid),
        (404, "not-found", {"Authorization": reporter, "Idempotency-Key": "order"}, valid),
    ]
    for status, kind, headers, body in steps:
        given = {"Content-Type": "application/json", **headers}
        answer = service.client.post(nowhere, content=body, headers=given)
        assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{kind}")


def test_a_key_made_with_another_secret_does_not_hold(service: Service) -> None:
    with service.session() as session:
        foreign = administration.issue_key(
            session, b"another secret", NOW, role=KeyRole.REPORTER, agency=LEAD, holder="试验"
        )
    headers = {"Authorization": f"Bearer {foreign}", "Idempotency-Key": "a"}
    assert service.client.post(REPORTS, json=a_report(), headers=headers).status_code == 401
