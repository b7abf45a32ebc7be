"""Who may write what: every operation, role, agency and state of a credential has its status."""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

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
    LEAD,
    NOW,
    REPORTS,
    Service,
    a_report,
    numbers,
    practising,
)

CREDENTIALS = ("none", "malformed", "other scheme", "unknown", "expired", "revoked", "valid")


@pytest.fixture(scope="module")
def service(databases: Databases) -> Iterator[Service]:
    with databases.loaded() as url, practising(url) as alive:
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
    assert with_key == {name: [{case.role: []}] for name, case in CASES.items()}


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


def expected(case: Case, role: str, agency: str | None, credential: str) -> int:
    if credential != "valid":
        return 401
    if role != case.role or (case.only_own and agency != LEAD):
        return 403
    return case.done


def authorization(service: Service, role: str, agency: str | None, credential: str) -> str | None:
    """The header of somebody with a credential in this state."""
    valid = service.key(role, agency)
    if credential in ("expired", "revoked"):
        with service.session() as session:
            key = new_key()
            session.add(
                ApiKey(
                    id=key_id(key), digest=digest(key, service.app.state.writer.secret),
                    role=KeyRole(role), agency_id=agency if role == "reporter" else None,
                    holder="试验", issued_at=NOW - timedelta(days=9), last_used_at=None,
                    expires_at=NOW + timedelta(days=credential == "revoked"),
                    revoked_at=NOW if credential == "revoked" else None,
                )
            )  # fmt: skip
        return f"Bearer {key}"
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
    cells = 0
    for role in KeyRole:
        for agency in (LEAD, FOREIGN) if role is KeyRole.REPORTER else (None,):
            given = authorization(service, role, agency, credential)
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
            status = expected(case, role, agency, credential)
            assert answer.status_code == status, (role, agency, answer.text)
            if status == 401:
                challenge = answer.headers["www-authenticate"]
                assert challenge.startswith('Bearer realm="workplan"')
                assert ("invalid_token" in challenge) is (credential != "none")
            if status > 400:
                assert answer.headers["content-type"] == "application/problem+json"
            cells += 1
    assert cells == 5


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
