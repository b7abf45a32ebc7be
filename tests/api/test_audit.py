"""The audit log: a line for each write and each refused attempt, and hashes for witnesses."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.__main__ import main
from app.db.models import ApiKey, AuditLine
from app.writing.audit_log import lines_after
from app.writing.audit_verification import faults
from tests.support.databases import Databases
from tests.support.practice import LEAD, REPORTS, SECRET, TASK, Service, a_report, practising


@pytest.fixture
def service(loaded_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("WORKPLAN_DATABASE_URL", loaded_url)
    monkeypatch.setenv("WORKPLAN_KEY_SECRET", SECRET)
    with practising(loaded_url) as alive:
        yield alive


def log(service: Service) -> list[dict[str, Any]]:
    with service.session() as session:
        return [json.loads(row.line) for row in lines_after(session)]


def test_each_write_and_each_refused_attempt_is_a_line(service: Service) -> None:
    made = service.report().json()["id"]
    service.report()  # 409
    service.post(REPORTS, a_report(), agency="gd-energy")  # 403
    service.client.post(REPORTS, json=a_report())  # nobody knows who
    told = [
        (line["operation"], line["outcome"], line["status"], line["agency"])
        for line in log(service)
    ]
    assert told == [
        ("keys.issue", "accepted", None, LEAD),
        ("createReport", "accepted", 201, LEAD),
        ("createReport", "refused", 409, LEAD),
        ("keys.issue", "accepted", None, "gd-energy"),
        ("createReport", "refused", 403, "gd-energy"),
    ]
    line = log(service)[1]
    assert line["fact"]["resource"] == "report"
    assert line["fact"]["id"] == made
    assert line["path"] == f"/v1/tasks/{TASK}/reports"
    assert "试验数据" not in json.dumps(log(service), ensure_ascii=False)


def test_a_repeated_request_is_no_second_line(service: Service) -> None:
    for _ in range(3):
        service.post(REPORTS, a_report(), Idempotency_Key="k")
    assert [line["operation"] for line in log(service)] == ["keys.issue", "createReport"]


def test_checkpoints_are_public_and_new_at_once(service: Service) -> None:
    service.report()
    before = service.json("/v1/audit/checkpoints")
    service.report()  # refused, which changes no data but the log
    after = service.json("/v1/audit/checkpoints")
    assert [c["seq"] for c in after["data"]] == [1, 2, 3]
    assert after["data"][:2] == before["data"]
    with service.session() as session:
        hashes = session.scalars(select(AuditLine.hash).order_by(AuditLine.seq)).all()
    assert [c["hash"] for c in after["data"]] == hashes
    page = service.json("/v1/audit/checkpoints?after=1&limit=1")
    assert page["data"] == after["data"][1:2]
    assert page["page"]["next"]


def test_the_commands_issue_list_rotate_and_revoke_keys(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*words: str) -> tuple[int, str]:
        status = main(list(words))
        return status, capsys.readouterr().out

    status, out = run("keys", "issue", "--role", "reporter", "--agency", LEAD, "--holder", "张三")
    key = out.strip()
    assert status == 0
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "1"}
    assert service.client.post(REPORTS, json=a_report(), headers=headers).status_code == 201
    name = key.split("_")[1]
    status, out = run("keys", "list")
    assert name in out
    assert key not in out
    with service.session() as session:
        stored = session.get_one(ApiKey, name)
        assert key not in (stored.digest, stored.holder)
        assert stored.last_used_at is not None
    status, out = run("keys", "rotate", name)
    new = out.strip()
    for number, one in enumerate((key, new)):  # two live ones
        headers = {"Authorization": f"Bearer {one}", "Idempotency-Key": f"r{number}"}
        body = a_report(as_of=f"2022-07-0{number + 1}")
        assert service.client.post(REPORTS, json=body, headers=headers).status_code == 201
    assert run("keys", "revoke", new.split("_")[1])[0] == 0
    body = a_report(as_of="2022-07-05")
    headers = {"Authorization": f"Bearer {new}", "Idempotency-Key": "r9"}
    service.now = service.now.replace(year=2099)
    assert service.client.post(REPORTS, json=body, headers=headers).status_code == 401
    assert run("keys", "revoke", "nothing")[0] == 2
    assert run("keys", "issue", "--role", "reporter", "--holder", "x")[0] == 2
    assert run("keys", "issue", "--role", "admin", "--agency", LEAD, "--holder", "x")[0] == 2
    assert run("keys", "issue", "--role", "reporter", "--agency", "x", "--holder", "x")[0] == 2
    assert run("delegations", "grant", LEAD, "gd-energy")[0] == 2
    assert run("delegations", "grant", "gd-relevant-departments", "gd-energy")[0] == 0
    assert run("delegations", "grant", "gd-relevant-departments", "gd-energy")[0] == 2
    assert "gd-relevant-departments\tgd-energy\t20" in run("delegations", "list")[1]
    assert run("delegations", "revoke", "gd-relevant-departments", "gd-energy")[0] == 0
    assert run("delegations", "revoke", "gd-relevant-departments", "gd-energy")[0] == 2
    assert run("delegations", "list") == (0, "collective\tagency\tsince\n")
    status, out = run("audit", "verify")
    assert status == 0
    assert re.search(
        r": 9 lines, until 20\d\d-\S+Z; each fits the one before; 0 checkpoints fit; "
        r"every fact is as it was written\.\n$",
        out,
    )


def test_a_bare_copy_of_a_running_file_is_found_by_kept_checkpoints(
    on_sqlite: Databases,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    kept = tmp_path / "checkpoints.ndjson"
    monkeypatch.setenv("WORKPLAN_KEY_SECRET", SECRET)
    with on_sqlite.loaded() as url, practising(url) as service:
        service.key("reporter", LEAD)
        service.client.get("/v1/tasks?limit=1")  # holds the file open, and so the -wal
        assert service.report().status_code == 201
        kept.write_text(service.client.get("/v1/audit/checkpoints").text + "\n", "utf-8")
        copy = tmp_path / "copy.db"
        shutil.copy(url.removeprefix("sqlite:///"), copy)  # and not its -wal
    monkeypatch.setenv("WORKPLAN_DATABASE_URL", f"sqlite:///{copy}")
    assert main(["audit", "verify"]) == 0
    out, told = capsys.readouterr()
    assert f"{copy}: 1 lines, until 20" in out  # which is what an operator can see
    assert "--checkpoints" in told
    assert main(["audit", "verify", "--checkpoints", str(kept)]) == 1
    assert "line 2, which has a stored checkpoint, is missing" in capsys.readouterr().out


def test_no_command_makes_a_database(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("WORKPLAN_DATABASE_URL", f"sqlite:///{tmp_path}/none.db")
    assert main(["audit", "verify"]) == 2
    assert "unable to open database file" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_verify_fits_kept_checkpoints(
    service: Service, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    made = service.report().json()["id"]
    service.post(f"/v1/reports/{made}/withdrawal", {"reason": "试验"}, "coordinator")
    kept = tmp_path / "checkpoints.ndjson"
    kept.write_text(
        "\n".join(json.dumps(c) for c in service.json("/v1/audit/checkpoints")["data"]), "utf-8"
    )
    page = tmp_path / "page.json"  # the answer as it came
    page.write_text(service.client.get("/v1/audit/checkpoints").text, "utf-8")
    for file in (kept, page):
        assert main(["audit", "verify", "--checkpoints", str(file)]) == 0
        assert "4 checkpoints fit" in capsys.readouterr().out
    kept.write_text(json.dumps({"seq": 2, "hash": "0" * 64}), "utf-8")
    assert main(["audit", "verify", "--checkpoints", str(kept)]) == 1
    assert "line 2 does not match" in capsys.readouterr().out
    kept.write_text("nothing", "utf-8")
    assert main(["audit", "verify", "--checkpoints", str(kept)]) == 2
    with service.session() as session:
        assert list(faults(session, {})) == []
