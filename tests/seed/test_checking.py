"""`seed approve`: another person checks; a checked plan is loaded as it was checked."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from seed.__main__ import main
from seed.checking import read_check
from seed.from_yaml import from_data
from seed.notice_files import NOTICES, ReadNotice
from seed.plan import Plan
from seed.plan_state import state_of
from seed.sources import Source
from seed.yaml_files import read_yaml
from tests.support.clerk import PLAN, take_in

Run = Callable[..., tuple[int, str, str]]
BODY = """一、夯实基础
（一）建设平台。建成平台3个。（省公安厅牵头）
（二）完善制度。6月底前印发办法。（省教育厅牵头）"""


@pytest.fixture
def notices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The operator's folder, with a plan that is read by 王芳."""
    monkeypatch.setenv("WORKPLAN_NOTICES", str(tmp_path / "notices"))
    folder = take_in(tmp_path / "notices", BODY.replace("省教育厅", "省司法厅"))
    assert main(["read", PLAN, "--by", "王芳"]) == 0
    assert (folder / "plan.yaml").is_file()
    return tmp_path / "notices"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command: its exit status and what it printed."""

    def run(*words: str) -> tuple[int, str, str]:
        status = main([*words])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


def read_otherwise(notices: Path) -> None:
    """Have the reader read the plan otherwise, as a newer one would."""
    editorial = notices / PLAN / "editorial.yaml"
    decision = "{statement: 建成平台3个, metric: 共享平台, reason: 更准。}"
    editorial.write_text(editorial.read_text("utf-8") + f"targets:\n  - {decision}\n", "utf-8")


def metric(url: str) -> object:
    engine = create_engine(url)
    with engine.begin() as connection:
        found = connection.scalar(
            text("SELECT metric FROM target WHERE plan_id = :plan ORDER BY id"), {"plan": PLAN}
        )
    engine.dispose()
    return found


@pytest.mark.parametrize("name", ["王芳", " 王 芳 ", "王芳\u3000"])
def test_the_reader_cannot_check_the_plan(notices: Path, run: Run, name: str) -> None:
    status, _, err = run("approve", PLAN, "--by", name)
    assert status == 1
    assert f"has read {PLAN}; expected another person" in err
    assert read_check(notices / PLAN) is None


def test_a_plan_that_nobody_has_read_cannot_be_checked(notices: Path, run: Run) -> None:
    (notices / PLAN / "questions.yaml").unlink()
    status, _, err = run("approve", PLAN, "--by", "李明")
    assert (status, "seed read zz-plan-2030 --by NAME first" in err) == (1, True)


def test_only_what_is_written_and_finished_can_be_checked(notices: Path, run: Run) -> None:
    read_otherwise(notices)
    status, _, err = run("approve", PLAN, "--by", "李明")
    assert status == 1
    assert "plan.yaml not as it is read now; expected seed read zz-plan-2030 first" in err


def test_a_checked_plan_is_loaded_as_checked_until_a_difference_is_accepted(
    notices: Path, run: Run, tables_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKPLAN_DATABASE_URL", tables_url)
    assert run("approve", PLAN, "--by", "李明")[0] == 0
    before = {path: path.read_bytes() for path in (notices / PLAN).iterdir()}
    read_otherwise(notices)
    status, out, _ = run("read", PLAN)
    assert status == 3
    assert f"{PLAN}: checked by 李明; it would be read otherwise now:" in out
    assert "-    metric: 平台\n+    metric: 共享平台" in out.replace("      metric", "    metric")
    for path, content in before.items():
        assert path.name == "editorial.yaml" or path.read_bytes() == content
    assert run("load", PLAN)[0] == 0
    assert metric(tables_url) == "平台"
    assert run("read", PLAN, "--accept")[0] == 0
    assert read_check(notices / PLAN) is None
    assert run("load", PLAN)[0] == 0
    assert metric(tables_url) == "共享平台"


def test_a_checked_plan_does_not_need_the_reader(
    notices: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("approve", PLAN, "--by", "李明")
    source = Source("operator", notices)
    read_otherwise(notices)
    state = state_of(notices / PLAN, source)
    assert state.notice
    assert (state.differs, state.notice.plan.targets()[0].metric) == (True, "平台")
    calls: list[Path] = []
    monkeypatch.setattr("seed.plan_state.read_plan", lambda folder, _: calls.append(folder))
    unread = state_of(notices / PLAN, source, reread=False)
    assert unread.notice == state.notice
    assert calls == []
    assert state_of(notices / PLAN, source).notice == state.notice  # though the reader fails
    assert calls == [notices / PLAN]
    reading = state.notice.plan.reading
    assert (reading.read_by, reading.checked_by) == ("王芳", "李明")


def test_a_file_that_changed_after_the_check_is_not_loaded(notices: Path, run: Run) -> None:
    run("approve", PLAN, "--by", "李明")
    plan = notices / PLAN / "plan.yaml"
    plan.write_text(plan.read_text("utf-8").replace("lead", "support"), "utf-8")
    status, out, _ = run("status")
    assert status == 0
    assert f"{PLAN}: plan.yaml is not the file that 李明 checked" in out


def test_a_plan_that_was_written_is_the_plan_that_was_read(notice: ReadNotice) -> None:
    written = read_yaml(NOTICES / "gd-dg-2022" / "plan.yaml")
    assert from_data(Plan, written) == notice.plan


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"title": 1}, "1 in place of str"),
        ({"more": 1}, "Plan with more"),
        ({"sections": "x"}, "'x' in place of a list"),
        ({"issued_on": "2022-02-30"}, "in place of date"),
        ({"sections": [{}]}, "Section without id"),
    ],
)
def test_data_of_another_shape_are_no_plan(change: dict[str, object], expected: str) -> None:
    written = read_yaml(NOTICES / "gd-dg-2022" / "plan.yaml")
    with pytest.raises(ValueError, match=expected):
        from_data(Plan, {**written, **change})
