"""`seed answer --text 'target: …'`: what the reader asks about becomes a target that is printed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seed.__main__ import main
from seed.yaml_files import read_yaml
from tests.support.clerk import PLAN, numbers, take_in

Answer = Callable[[str, str], tuple[int, str]]
BODY = """一、夯实基础
（一）建设平台。推动4A级以上景区建设，申请材料减少三分之一，合格率超过九成五。（省公安厅牵头）
（二）完善制度。三季度前改造小区20个，2023年底前办理时限由5%至6%。（省教育厅牵头）"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A plan that was read: numbers, a date and a comparison are open."""
    monkeypatch.setenv("WORKPLAN_NOTICES", str(tmp_path / "notices"))
    folder = take_in(tmp_path / "notices", BODY)
    main(["read", PLAN])
    return folder


@pytest.fixture
def answer(capsys: pytest.CaptureFixture[str]) -> Answer:
    """Answer a question with a text: the exit status, and what was printed."""

    def answer(number: str, text: str) -> tuple[int, str]:
        status = main(["answer", PLAN, number, "--text", text, "--by", "王芳"])
        printed = capsys.readouterr()
        return status, printed.err or printed.out

    return answer


def listed(folder: Path, words: str) -> str:
    """The number of the open question with these words."""
    entries: list[dict[str, Any]] = read_yaml(folder / "questions.yaml")["open"]
    return next(str(one["number"]) for one in entries if words in one["words"])


def test_figures_and_dates_that_are_supplied_are_targets_with_who_supplied_them(
    folder: Path, answer: Answer
) -> None:
    assert "A target all the same" in (folder / "questions.yaml").read_text("utf-8")
    answer(listed(folder, "4A级"), "target: 景区 >= 4 A级")
    answer(listed(folder, "三分之一"), "target: 33.33 %")
    answer(listed(folder, "九成"), "target: 合格率 > 95 %")
    answer(listed(folder, "三季度前"), "target: by 2023-09-30")
    status, said = answer(listed(folder, "5%至6%"), "target: 办理时限 = 5-6 % by 2023-12-31")
    assert status == 0, said
    plan = read_yaml(folder / "plan.yaml", 10**6)
    found = [one for item in plan["sections"][0]["items"] for one in item["targets"]]
    shown = [
        (one["metric"], one["as_written"], one["comparator"], one["value"], one["unit"], str(one["due_on"]))
        for one in found
    ]  # fmt: skip
    assert shown == [
        ("景区", "4A级", "gte", 4, "A级", "2023-12-31"),
        ("申请材料减少", "三分之一", "eq", 33.33, "%", "2023-12-31"),
        ("合格率", "九成五", "gt", 95, "%", "2023-12-31"),
        ("改造小区", "20个", "eq", 20, "个", "2023-09-30"),
        ("办理时限", "5%至6%", "between", 5, "%", "2023-12-31"),
    ]
    assert all("supplied by 王芳 on " in one["reason"] for one in found)
    written = (folder / "plan.yaml").read_bytes()
    assert main(["read", PLAN]) == 0
    assert (folder / "plan.yaml").read_bytes() == written


@pytest.mark.parametrize(
    ("words", "text", "said"),
    [
        ("4A级", "target: 6 A级", "6 is not in “"),
        ("4A级", "target: >= 4 家", "the unit 家 is not in “"),
        ("4A级", "target: < 4 A级", "no lt in “"),
        ("4A级", "target: 4 A级 by 2031-12-31", "a year that is printed: 2023, 2024"),
        ("4A级", "target: 4 A级 by 2023-02-30", "a day such as 2026-12-31"),
        ("4A级", "target: 景区", "target: METRIC >= NUMBER UNIT by 2026-12-31"),
        ("三季度前", "target: 20 个", "a time in the sentence, and no date"),
        ("5%至6%", "target: 6-5 % by 2023-12-31", "the smaller figure first"),
    ],
)
def test_what_is_not_printed_is_refused_and_changes_nothing(
    folder: Path, answer: Answer, words: str, text: str, said: str
) -> None:
    before = (folder / "questions.yaml").read_bytes()
    status, printed = answer(listed(folder, words), text)
    assert (status, said in printed) == (1, True), printed
    assert (folder / "questions.yaml").read_bytes() == before


def test_a_target_in_place_of_a_role_is_a_role_that_nobody_has(
    tmp_path: Path, folder: Path, answer: Answer
) -> None:
    other = take_in(
        tmp_path / "notices", "一、基础\n（一）建设。抓好落实。（省教育厅）", "zz-other"
    )
    main(["read", "zz-other"])
    number = str(numbers(other)["role"])
    assert main(["answer", "zz-other", number, "--text", "target: 4 个", "--by", "王芳"]) == 1
