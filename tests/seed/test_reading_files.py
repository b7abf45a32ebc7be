"""`python -m seed read --json FILE`: any file is read, with its questions, or refused with the truth."""

import cProfile
import json
import re
from pathlib import Path
from typing import Any

import pytest

from seed.__main__ import main
from seed.intake.text import read_text
from seed.notice_files import NOTICES
from seed.reader.bodies import Bodies
from seed.reader.read import read
from tests.support.reading_small import FRONT, known

SMALL = FRONT.format(issuer="广东省人民政府办公厅", title="广东省数据工作2023年要点") + (
    "一、夯实基础\n（一）建设平台。建成平台3个。（省公安厅、司法厅牵头，省财政厅配合）\n"
    "（二）完善制度。6月底前印发办法。（省教育厅负责）"
)


def run(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, data: bytes, name: str = "notice.txt"
) -> tuple[int, Any, str]:
    path = tmp_path / name
    path.write_bytes(data)
    status = main(["read", "--json", str(path), "--jurisdiction", "440000"])
    out, err = capsys.readouterr()
    return status, json.loads(out) if out else None, err


def test_what_is_printed_is_what_the_design_says(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    status, given, _ = run(capsys, tmp_path, SMALL.encode())
    assert status == 0
    assert {key: given[key] for key in given if key not in ("text", "tasks", "targets", "explained")} == {
        "title": "广东省人民政府办公厅关于印发广东省数据工作2023年要点的通知",
        "document_number": "粤办函〔2023〕1号",
        "issuer": "广东省人民政府办公厅",
        "issued_on": "2023-01-05",
        "period": {"start_on": "2023-01-01", "end_on": "2023-12-31"},
        "questions": [],
    }  # fmt: skip
    first = given["tasks"][0]
    clause = first.pop("clauses")[0]
    span = first.pop("span")
    assert first == {
        "code": "1", "label": "（一）", "title": "建设平台", "level": "item", "section": "1",
        "parent": None, "by_rule": [],
    }  # fmt: skip
    assert given["text"][span["start"] : span["end"]].startswith("（一）建设平台。")
    assert given["text"][clause["span"]["start"] : clause["span"]["end"]] == clause["text"]
    assert clause["assignments"] == [
        {
            "name": "省公安厅",
            "agency": "gd-public-security",
            "role": "lead",
            "as_written": "省公安厅",
        },
        {"name": "省司法厅", "agency": "gd-justice", "role": "lead", "as_written": "司法厅"},
        {"name": "省财政厅", "agency": "gd-finance", "role": "support", "as_written": "省财政厅"},
    ]
    target = given["targets"][0]
    assert (target["task"], target["value"], target["unit"], target["due_basis"]) == (
        "1", 3, "个", "plan_end",
    )  # fmt: skip


def test_open_questions_are_an_exit_status(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    status, given, _ = run(capsys, tmp_path, SMALL.replace("省教育厅", "省魔法厅").encode())
    assert status == 3
    (question,) = given["questions"]
    assert (question["kind"], question["text"], question["line"]) == (
        "unknown_body",
        "省魔法厅",
        11,
    )
    assert "省魔法厅" in question["proposal"]
    assert given["tasks"][1]["clauses"][0]["assignments"][0]["agency"] is None


def test_gb18030_is_read_as_utf_8_is(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert (
        run(capsys, tmp_path, SMALL.encode("gb18030"))[:2]
        == run(capsys, tmp_path, SMALL.encode())[:2]
    )


def test_a_table_alone_is_a_plan(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    table = (
        "# 2023年工作任务清单\n\n|序号|任务|完成时限|责任单位|配合单位|\n|---|---|---|---|---|\n"
        "|1|建成平台3个。|6月|省公安厅|省财政厅、教育厅|\n|2|完善制度。|12月|省司法厅|/|\n"
    )
    status, given, _ = run(capsys, tmp_path, table.encode(), "table.md")
    assert status == 0
    assert [(t["code"], t["section"]) for t in given["tasks"]] == [("1", None), ("2", None)]
    assert [a["role"] for a in given["tasks"][0]["clauses"][0]["assignments"]] == [
        "responsible", "support", "support",
    ]  # fmt: skip
    assert [t["due_on"] for t in given["targets"]] == ["2023-06-30", "2023-12-31"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty|no text|no numbered"),
        (
            "新华社北京1月5日电 今天天气很好。记者从会上获悉，全省数据工作取得新进展。",
            "no numbered",
        ),
        (
            "数据条例\n第一条 为了规范数据，制定本条例。\n第二条 本条例适用于数据。\n第三条 施行。",
            "articles",
        ),
        ("会议强调三点。\n一、要坚持方向。\n二、要抓好落实。\n三、要加强领导。", "nobody"),
        (SMALL + "\n" + SMALL, "second notice"),
        (SMALL + "\n抓好落实。" * 5000, "a text of 5\\d+ paragraphs; expected at most 5000"),
        (
            "關於印發2023年數據工作要點的通知\n一、加快產業發展\n"
            + "（一）建設標準。（省財政廳負責）\n" * 9,
            "traditional",
        ),
        ("\x00\x01\x02", ".+"),
    ],
)
def test_what_is_no_notice_is_refused_with_the_reason(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, reason: str
) -> None:
    status, given, err = run(capsys, tmp_path, text.encode())
    assert (status, given) == (1, None)
    assert re.search(reason, err)


def test_a_kind_of_file_that_is_not_known_says_which_are(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    status, _, err = run(capsys, tmp_path, b"\xd0\xcf\x11\xe0" + bytes(600), "notice.wps")
    assert status == 1
    assert ".docx" in err


def test_the_first_notice_comes_out_to_the_character(capsys: pytest.CaptureFixture[str]) -> None:
    raw = NOTICES / "gd-dg-2022" / "raw.txt"
    status = main(["read", "--json", str(raw), "--jurisdiction", "440000", "--plan", "gd-dg-2022"])
    given = json.loads(capsys.readouterr().out)
    assert status == 0
    assert given["text"] == (NOTICES / "gd-dg-2022" / "notice.txt").read_text("utf-8")
    assert len(given["tasks"]) == 76
    assert sum(len(t["clauses"]) for t in given["tasks"]) == 66
    assert len(given["targets"]) == 18


def test_a_plan_of_a_thousand_items_takes_work_in_proportion() -> None:
    """Calls, not seconds: ten times the items are about ten times the calls."""

    def calls(items: int) -> int:
        body = "一、夯实基础\n" + "".join(
            f"{number}.建设平台。2023年底前建成平台{number}个。（省公安厅牵头）\n"
            for number in range(1, items + 1)
        )
        blocks = read_text((SMALL.split("一、夯实基础")[0] + body).encode()).blocks
        profile = cProfile.Profile()
        profile.runcall(read, blocks, Bodies(known(), "440000"))
        return sum(entry.callcount for entry in profile.getstats())

    assert calls(900) < 15 * calls(90)
