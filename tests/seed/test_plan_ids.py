"""An id of a plan is never one that another thing may have."""

import re
from pathlib import Path

import pytest

from seed import plan_ids
from seed.__main__ import main
from seed.plan_ids import plan_id
from seed.plan_state import state_of
from seed.refusals import NoticeRefusedError
from seed.sources import Source
from tests.support import ROOT
from tests.support.clerk import take_in

FINISHED = """一、夯实基础
（一）建设平台。建成平台3个。（省公安厅牵头）
（二）完善制度。6月底前印发办法。（省司法厅牵头）"""


@pytest.mark.parametrize(
    "id_",
    [
        "a-t1", "a-t3-2", "a-t2b", "a-ta1-3", "a-sa1-2", "x-s2", "a-t3-k1", "a-t1-r3", "a-t1-m1",
        "a-t1-k1-v2", "a-2026-b1", "a-a12", "error-1", "webhook-3", "synthetic-00001", "registry",
        "Zz", "zz_1", "1-a", "a--b", "a-", "ａ", "", "../a", "a/b", "a\n", "a" * 61,
    ],
)  # fmt: skip
def test_what_is_no_id_of_a_plan_is_refused_with_the_rule(id_: str) -> None:
    with pytest.raises(NoticeRefusedError, match="expected an id such as zj-ai-2026: a-z"):
        plan_id(id_)


@pytest.mark.parametrize(
    "id_",
    ["a", "gd-dg-2022", "zj-ai-2026", "gd-g60-2026", "zj-v2x-2026", "sz-t1-2022-plan", "sh-5g",
     "b1", "error", "synthetic", "a" * 60],
)  # fmt: skip
def test_an_id_that_only_looks_alike_is_one(id_: str) -> None:
    assert plan_id(id_) == id_


def test_no_id_of_a_part_or_a_fact_is_one_of_a_plan() -> None:
    """What the examples of the contract have: sections, tasks, targets and what is recorded of them."""
    parts = set(re.findall(r"gd-dg-2022-[\w.-]*\w", (ROOT / "openapi.yaml").read_text("utf-8")))
    assert {part.rsplit("-", 1)[1][0] for part in parts} == set("stkrmvab")
    for part in parts:
        with pytest.raises(NoticeRefusedError):
            plan_id(part.replace(".", ""))  # a full stop alone is refused, too


def test_intake_and_load_refuse_such_an_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    notices = tmp_path / "notices"
    monkeypatch.setenv("WORKPLAN_NOTICES", str(notices))
    (tmp_path / "a.txt").write_text("一、推进\n", "utf-8")
    with pytest.raises(SystemExit):
        main(["intake", str(tmp_path / "a.txt"), "--plan", "zj-t1", "--jurisdiction", "330000"])
    assert "the plan 'zj-t1'; expected an id such as" in capsys.readouterr().err
    assert not notices.exists()
    with monkeypatch.context() as earlier_release:
        earlier_release.setattr(plan_ids, "OF_OTHERS", re.compile("(?!)"))
        folder = take_in(notices, FINISHED, "zj-t1")
        assert main(["read", "zj-t1", "--by", "王芳"]) == 0
        assert main(["approve", "zj-t1", "--by", "李明"]) == 0
        assert state_of(folder, Source("operator", notices), reread=False).notice
    state = state_of(folder, Source("operator", notices), reread=False)
    assert state.notice is None
    assert str(state.reason).startswith("the plan 'zj-t1'; expected an id such as")
    assert main(["read", "zj-t1"]) == 1
    assert "zj-t1: the plan 'zj-t1'; expected an id such as" in capsys.readouterr().err
