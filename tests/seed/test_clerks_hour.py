"""The clerk's hour: every command of docs/notices.md, from a DOCX of ours to the API."""

import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from seed.__main__ import main
from tests.support import ROOT
from tests.support.databases import Databases
from tests.support.office_files import docx, numbered, p

GUIDE = ROOT / "docs" / "notices.md"
STEP = re.compile(r"```sh\n(.*?)```\n\n```\n(.*?)```", re.DOTALL)
DAY = re.compile(r"\d{4}-\d\d-\d\d")
NUMBERING = """<w:abstractNum w:abstractNumId="0">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl>
</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>"""
NOTICE = [
    p("演示省人民政府办公厅关于印发演示省数据工作2026年要点的通知"),
    p("演政办函〔2026〕8号"),
    p("各市人民政府，省政府各部门："),
    p("《演示省数据工作2026年要点》已经省政府同意，现印发给你们，请认真组织实施。"),
    p("演示省人民政府办公厅"),
    p("2026年1月20日"),
    p("演示省数据工作2026年要点"),
    p("为做好全省数据工作，制定本要点。"),
    numbered("夯实数据基础"),
    p("（一）建设省级数据平台。年底前建成省级数据平台，接入业务系统60个。（省数据局牵头，省财政厅、公安厅配合）"),
    p("（二）推动数据共享。推动4A级以上景区票务数据共享，共享率达到90%。（省文化和旅游厅）"),
    numbered("促进数据应用"),
    p("（三）建设算力中心。支持省算力集团建设算力中心，算力规模达到20千卡。（省数据局牵头，省算力集团配合）"),
    p("（五）加强宣传培训。年内举办培训不少于4期。（省数据局、省教育厅负责）"),
    p("各地、各部门要结合实际认真抓好落实。"),
]  # fmt: skip

Shell = Callable[[str], str]


@pytest.fixture
def shell(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    on_sqlite: Databases,
) -> Shell:
    """Run one command as the guide has it, and give what it prints."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WORKPLAN_NOTICES", raising=False)
    (tmp_path / "工作要点.docx").write_bytes(docx("".join(NOTICE), numbering=NUMBERING))
    (tmp_path / "var").mkdir()

    def run(line: str) -> str:
        command, _, filters = line.partition(" | ")
        words = shlex.split(command)
        if words[:3] == ["python", "-m", "seed"]:
            main(words[3:])
            return "".join(capsys.readouterr())
        if words[0] != "curl":
            return bash(line)
        address = urlsplit(words[-1])
        with TestClient(create_app(Settings())) as client:
            return bash(filters, client.get(f"{address.path}?{address.query}").text)

    def bash(line: str, given: str = "") -> str:
        command = ["bash", "-ec", line]
        done = subprocess.run(command, input=given, check=True, capture_output=True, text=True)
        return done.stdout

    return run


def test_every_command_of_the_guide_prints_what_the_guide_says(
    shell: Shell, on_sqlite: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = STEP.findall(GUIDE.read_text("utf-8"))
    assert len(steps) >= 9
    with on_sqlite.loaded() as url:
        monkeypatch.setenv("WORKPLAN_DATABASE_URL", url)
        for commands, expected in steps:
            lines = commands.replace("\\\n", "").splitlines()
            printed = "".join(shell(line) for line in lines if line.strip())
            assert DAY.sub("2026-11-27", printed) == DAY.sub("2026-11-27", expected), commands
