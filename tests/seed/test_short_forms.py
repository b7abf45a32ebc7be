"""Short forms that a notice prints (公安厅 in 省财政厅、公安厅) are names of the bodies that it brings."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from seed.__main__ import main
from seed.questions.sheet import read_sheet
from tests.support.clerk import PLAN, take_in

GUANGDONG = {"jurisdiction": "440000", "agency": "经信厅"}


@pytest.fixture
def notices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The operator's folder."""
    monkeypatch.setenv("WORKPLAN_NOTICES", str(tmp_path / "notices"))
    return tmp_path / "notices"


def proposed(notices: Path, *clauses: str) -> dict[str, list[str]]:
    """The names of the proposed bodies of Guangdong and their aliases, of a notice with clauses."""
    tasks = (f"{number}.建设平台。抓好落实。（{one}）" for number, one in enumerate(clauses, 1))
    folder = take_in(notices, "一、夯实基础\n" + "\n".join(tasks))
    main(["read", PLAN])
    return {
        one["name"]: one["aliases"]
        for asked in read_sheet(folder).asked
        for one in asked.proposal
        if isinstance(one, dict)
    }


def test_a_printed_short_form_finds_the_tasks_of_a_body_that_was_accepted(
    notices: Path, tables_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKPLAN_DATABASE_URL", tables_url)
    clauses = ("省公安厅、经信厅牵头，省粮食局配合", "省经信厅牵头")
    assert proposed(notices, *clauses) == {"省经信厅": ["经信厅"], "省粮食局": []}
    assert main(["answer", PLAN, "--all", "--by", "王芳"]) == 0
    assert main(["load", PLAN]) == 0
    with TestClient(create_app(Settings(database_url=tables_url))) as client:
        tasks = client.get("/v1/tasks", params=GUANGDONG)
        assert (tasks.status_code, tasks.json()["page"]["total"]) == (200, 2)
        never_printed = client.get("/v1/tasks", params={**GUANGDONG, "agency": "粮食局"})
        assert never_printed.status_code == 422


def test_a_short_form_that_could_mean_two_bodies_is_none(notices: Path) -> None:
    clauses = ("省公安厅、农办牵头", "省公安厅、经信厅牵头")  # 农办 may be 省委农办, too
    assert proposed(notices, *clauses) == {"省农办": [], "省经信厅": ["经信厅"]}


def test_a_short_form_of_two_bodies_of_a_notice_is_none(notices: Path) -> None:
    clauses = ("省委组织部、农办牵头", "省公安厅、农办牵头", "省公安厅、经信厅牵头")
    assert proposed(notices, *clauses) == {
        "省委组织部": [], "省委农办": [], "省农办": [], "省经信厅": ["经信厅"],
    }  # fmt: skip
