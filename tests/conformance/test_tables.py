"""A plan that is a table, from its file to the kit."""

import io
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from conformance.__main__ import KEPT, check
from conformance.contract import Contract
from conformance.topics import rules_of
from seed.__main__ import main
from tests.support.databases import Databases

NOTICE = """# 广东省数据工作2026年任务清单

|序号|重点任务|具体举措|完成时限|责任单位|
|---|---|---|---|---|
|1|夯实基础|启动机房建设。|9月|省公安厅|
|2|完善制度|印发办法，培训4次。|12月|省司法厅|
"""


def test_a_date_in_a_cell_of_its_own_is_printed_in_its_task(
    on_sqlite: Databases, contract: Contract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.md"
    file.write_text(NOTICE, "utf-8")
    monkeypatch.setenv("WORKPLAN_NOTICES", str(tmp_path / "notices"))
    with on_sqlite.loaded() as url:
        monkeypatch.setenv("WORKPLAN_DATABASE_URL", url)
        assert main(["intake", str(file), "--plan", "zz-2026", "--jurisdiction", "440000"]) == 0
        assert main(["read", "zz-2026", "--by", "王芳"]) == 0
        assert main(["load", "zz-2026"]) == 0
        app = create_app(Settings(database_url=url, webhook_delivery=False))
        with TestClient(app) as client:
            targets = client.get("/v1/targets?plan=zz-2026").json()["data"]
            assert {one["as_written"] for one in targets if one["kind"] == "deadline"} == {"9月"}
            out = io.StringIO()
            assert check(client, contract, rules_of("texts"), out) == KEPT, out.getvalue()
