"""`seed read` and `seed answer`: every question has a proposal, and accepting it is recorded."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from seed.__main__ import main
from seed.questions.decided import Decided
from seed.questions.sheet import Asked, Sheet, read_sheet, write_sheet
from seed.reader.bodies import Bodies
from seed.registry import read_registry
from seed.yaml_files import read_yaml
from tests.support.clerk import BODY, PLAN, numbers, take_in
from tests.support.reading_small import known

Run = Callable[..., tuple[int, str, str]]
KINDS = ["unit", "unknown_body", "number", "role", "sign_jump"]


@pytest.fixture
def notices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The operator's folder."""
    monkeypatch.setenv("WORKPLAN_NOTICES", str(tmp_path / "notices"))
    return tmp_path / "notices"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command: its exit status and what it printed."""

    def run(*words: str) -> tuple[int, str, str]:
        status = main([*words])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


def test_every_question_has_a_proposal_that_can_be_accepted_as_it_stands(
    notices: Path, run: Run
) -> None:
    folder = take_in(notices)
    status, out, _ = run("read", PLAN)
    assert (status, sorted(numbers(folder))) == (3, sorted(KINDS))
    assert out.count("proposed: ") == len(KINDS)
    for number in numbers(folder).values():
        status, out, err = run("answer", PLAN, str(number), "--by", "王芳")
        assert not err
    assert status == 0
    assert f"{PLAN}: wrote plan.yaml" in out
    plan = read_yaml(folder / "plan.yaml", 10**6)
    task = plan["sections"][0]["items"][0]
    assert [one["agency"] for one in task["assignments"]] == ["gd-mo-fa-ting", "gd-public-security"]
    assert [one["unit"] for one in task["targets"]] == ["个", "千卡"]
    assert ("4", "not a target") in {(n["text"], n["reason"]) for n in plan["rejected_numbers"]}


def test_uncommenting_a_line_accepts_and_reading_again_keeps_it(notices: Path, run: Run) -> None:
    folder = take_in(notices)
    run("read", PLAN)
    sheet = folder / "questions.yaml"
    written = sheet.read_text("utf-8")
    role = written.index("kind: role")
    changed = written[:role] + written[role:].replace("proposal: responsible", "proposal: lead", 1)
    changed = changed[:role] + changed[role:].replace("# accept: true", "accept: true", 1)
    sheet.write_text(changed, "utf-8")
    status, _, err = run("read", PLAN)
    assert (status, err) == (1, f"{PLAN}: 1 accepted, and read_by: null; expected your name, after `read_by:`\n")  # fmt: skip
    assert sheet.read_text("utf-8") == changed
    sheet.write_text(changed.replace("read_by: null", "read_by: 王芳"), "utf-8")
    assert run("read", PLAN)[0] == 3
    for _ in range(2):
        (decided,) = read_sheet(folder).decided.values()
        assert (decided.kind, decided.value, decided.by) == ("role", "lead", "王芳")
        assert "role" not in numbers(folder)
        before = sheet.read_bytes()
        run("read", PLAN)
        assert sheet.read_bytes() == before


def test_a_decision_lapses_when_its_words_change(notices: Path, run: Run) -> None:
    folder = take_in(notices)
    run("read", PLAN)
    run("answer", PLAN, str(numbers(folder)["role"]), "--by", "王芳")
    paragraphs = folder / "paragraphs.yaml"
    text = paragraphs.read_text("utf-8")
    paragraphs.write_text(text.replace("6月底前印发办法", "7月底前印发办法"), "utf-8")
    status, out, _ = run("read", PLAN)
    assert status == 3
    assert "role" in numbers(folder)
    assert "王芳 accepted “responsible” for “省教育厅”, which is not asked any longer" in out
    paragraphs.write_text(text, "utf-8")
    run("read", PLAN)
    assert "role" not in numbers(folder)


def test_a_decision_whose_line_is_deleted_is_asked_again(notices: Path, run: Run) -> None:
    folder = take_in(notices)
    run("read", PLAN)
    kinds = ("role", "unknown_body")
    for kind in kinds:
        run("answer", PLAN, str(numbers(folder)[kind]), "--by", "王芳")
    assert not {*kinds} & {*numbers(folder)}
    bodies = notices / "registry" / "bodies.yaml"
    for file, words in (
        (folder / "questions.yaml", "kind: role|kind: unknown_body"),
        (bodies, "gd-mo-fa-ting"),
    ):
        lines = file.read_text("utf-8").splitlines(keepends=True)
        file.write_text("".join(line for line in lines if not re.search(words, line)), "utf-8")
    status, _, err = run("read", PLAN)
    assert (status, err) == (3, "")
    assert {*kinds} <= {*numbers(folder)}


def test_all_takes_no_proposal_that_could_hide_a_commitment(notices: Path, run: Run) -> None:
    folder = take_in(notices)
    run("read", PLAN)
    # 省魔法厅 may be a misprint of 省司法厅
    kinds = ["number", "unit", "unknown_body"]
    alone = sorted(numbers(folder)[kind] for kind in kinds)
    status, out, _ = run("answer", PLAN, "--all", "--by", "王芳")
    assert status == 3
    assert f"one by one, as they could hide a commitment: {', '.join(map(str, alone))}" in out
    assert sorted(numbers(folder)) == kinds
    run("review", PLAN)
    page = (folder / "review.html").read_text("utf-8")
    assert sorted(numbers(folder).values()) == alone  # a number stays with its question
    assert all(f'id="q{number}"' in page for number in alone)


def test_a_body_that_was_accepted_is_known_to_every_plan_of_the_operator(
    notices: Path, run: Run
) -> None:
    folder = take_in(notices)
    other = "\n（二）加强保障。抓好落实。（省魔法厅牵头）"
    take_in(
        notices, f"一、夯实基础\n（一）建设平台。抓好落实。（省公安厅牵头）{other}", "zz-other-2030"
    )
    run("read", PLAN)
    run("answer", PLAN, str(numbers(folder)["unknown_body"]), "--by", "王芳")
    registered = (notices / "registry" / "bodies.yaml").read_text("utf-8")
    assert re.search(rf"# accepted by 王芳 on 20\d\d-\d\d-\d\d for {PLAN}\n- {{id: gd-mo-fa-ting, name: 省魔法厅", registered)  # fmt: skip
    assert run("read", "zz-other-2030")[0] == 0
    read_registry(additions=[notices / "registry"])


def test_a_body_with_a_second_name_in_brackets_is_proposed_once(notices: Path, run: Run) -> None:
    names = ("省委金融办", "省委金融办（省地方金融管理局）")
    folder = take_in(notices, "一、夯实基础\n" + "\n".join(
        f"{number}.建设平台。抓好落实。（{name}牵头）" for number, name in enumerate(names, 1)
    ))  # fmt: skip
    run("read", PLAN)
    (asked,) = read_sheet(folder).asked
    assert [(one["name"], one["aliases"]) for one in asked.proposal if isinstance(one, dict)] == [
        ("省委金融办", ["省地方金融管理局"])
    ]
    assert run("answer", PLAN, "--all", "--by", "王芳")[0] == 0


def test_brackets_inside_a_name_stay_in_the_proposal() -> None:
    for name in ("相关县（市、区）政府", "相关县（市、区）"):
        line = Bodies(known(), "330300").propose(name)
        assert line
        assert f"name: {name}, official_name" in line


@pytest.mark.parametrize(
    ("text", "agency"),
    [("gd-justice", "gd-justice"), ("省司法厅", "gd-justice"), ("nobody", None)],
)
def test_a_name_can_mean_a_registered_body_or_nobody(
    notices: Path, run: Run, text: str, agency: str | None
) -> None:
    folder = take_in(notices, BODY.replace("省教育厅", "省教育厅牵头"))
    run("read", PLAN)
    number = str(numbers(folder)["unknown_body"])
    assert run("answer", PLAN, number, "--text", text, "--by", "王芳")[0] == 3
    assert "unknown_body" not in numbers(folder)
    assert not (notices / "registry").exists()
    for number in map(str, numbers(folder).values()):
        status, _, err = run("answer", PLAN, number, "--by", "王芳")
    assert (status, err) == (0, "")
    task = read_yaml(folder / "plan.yaml", 10**6)["sections"][0]["items"][0]
    agencies = [one["agency"] for one in task["assignments"]]
    assert agencies == ([agency] if agency else []) + ["gd-public-security"]


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("role", "boss", "role boss; expected lead, "),
        ("unknown_body", "gd-nothing", "the id or a name of a registered body, or nobody"),
        ("unknown_body", " ", "a text of at most 500 characters"),
        ("number", "x" * 501, "a text of at most 500 characters"),
    ],
)
def test_a_value_that_a_question_cannot_have_is_refused(
    notices: Path, run: Run, kind: str, text: str, expected: str
) -> None:
    folder = take_in(notices)
    run("read", PLAN)
    before = (folder / "questions.yaml").read_bytes()
    number = str(numbers(folder)[kind])
    status, _, err = run("answer", PLAN, number, "--text", text, "--by", "王芳")
    assert status == 1
    assert expected in err
    assert (folder / "questions.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["9"], "no question 9; expected a number that `seed read zz-plan-2030` lists"),
        (["1", "--by", "\u202e"], "the name of the person"),
        (["1", "--by", " "], "the name of the person"),
    ],
)
def test_what_is_wrong_with_a_decision_is_named(
    notices: Path, run: Run, words: list[str], expected: str
) -> None:
    take_in(notices)
    run("read", PLAN)
    status, _, err = run("answer", PLAN, "--by", "王芳", *words)
    assert status == 1
    assert expected in err


def test_a_question_that_is_no_longer_asked_cannot_be_decided(notices: Path, run: Run) -> None:
    folder = take_in(notices)
    run("read", PLAN)
    number = str(numbers(folder)["role"])
    paragraphs = folder / "paragraphs.yaml"
    text = paragraphs.read_text("utf-8")
    paragraphs.write_text(text.replace("（省教育厅）", "（省教育厅负责）"), "utf-8")
    status, _, err = run("answer", PLAN, number, "--by", "王芳")
    assert status == 1
    assert "“省教育厅” is no longer asked" in err


def test_bodies_that_are_accepted_at_once_are_all_registered(notices: Path) -> None:
    bodies = [f"省魔法{each}厅" for each in "甲乙丙丁"]
    body = "一、夯实基础\n" + "\n".join(
        f"{number}.建设平台。抓好落实。（{name}牵头）" for number, name in enumerate(bodies, 1)
    )
    folder = take_in(notices, body)
    main(["read", PLAN])
    listed = [str(one.number) for one in read_sheet(folder).asked]
    assert len(listed) == 4
    with ThreadPoolExecutor(4) as pool:
        assert 1 not in pool.map(lambda n: main(["answer", PLAN, n, "--by", f"人{n}"]), listed)
    sheet = read_sheet(folder)
    assert sheet.asked == ()
    assert {one.by for one in sheet.decided.values()} == {f"人{number}" for number in listed}
    registered = read_registry(additions=[notices / "registry"]).bodies
    assert {*bodies} <= {one.name for one in registered}


def test_a_process_that_is_killed_half_way_leaves_the_old_file(
    notices: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    folder = take_in(notices)
    run("read", PLAN)
    before = {path: path.read_bytes() for path in notices.rglob("*") if path.is_file()}

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        run("answer", PLAN, str(numbers(folder)["role"]), "--by", "王芳")
    assert {path: path.read_bytes() for path in notices.rglob("*") if path.is_file()} == before


def test_a_process_that_is_killed_after_registering_a_body_leaves_nothing_to_repair(
    notices: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    folder = take_in(notices)
    run("read", PLAN)
    replace = Path.replace

    def killed(path: Path, target: Path) -> None:
        if target.name == "questions.yaml":
            raise KeyboardInterrupt
        replace(path, target)

    number = str(numbers(folder)["unknown_body"])
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            run("answer", PLAN, number, "--by", "王芳")
    assert (notices / "registry" / "bodies.yaml").is_file()
    status, _, err = run("answer", PLAN, number, "--by", "王芳")
    assert (status, "“省魔法厅” is no longer asked" in err) == (1, True)
    assert run("read", PLAN)[0] == 3
    assert "unknown_body" not in numbers(folder)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("# accept: true", "accept: yes please", "accept: true"),
        ("# accept: true", "accept: true\n  more: 1", "an open question of another shape"),
        ("number: 1\n", "number: one\n", "as it was written"),
        ("proposal: responsible", "proposal: [1]", "entries with a name each"),
        ("read_by: null", "read_by: [a]", "the name of the person"),
        ("read_on: null", "read_on: soon", "a date such as 2026-11-27"),
        ("accepted: []", "accepted: [{question: x}]", "the fields question, kind"),
        ("open:", "open: &a [*a]\nshut:", "plain YAML"),
        ("open:", "opened:", "read_by, read_on, open, accepted"),
    ],
)
def test_a_sheet_of_another_shape_is_refused_and_stays(
    notices: Path, run: Run, old: str, new: str, expected: str
) -> None:
    sheet = take_in(notices) / "questions.yaml"
    run("read", PLAN)
    changed = sheet.read_text("utf-8").replace(old, new, 1)
    sheet.write_text(changed, "utf-8")
    status, _, err = run("read", PLAN)
    assert status == 1
    assert expected in err
    assert sheet.read_text("utf-8") == changed


@pytest.mark.parametrize(
    "odd", ["a: b #c", "'\"", "\x1b", "- {", "\u202e", "null", "2030-01-01", "é 𠀀"]
)
def test_a_sheet_comes_back_as_it_was_written(tmp_path: Path, odd: str) -> None:
    listed = (
        Asked(1, "0" * 16, "number", odd, odd, odd, odd),
        Asked(2, "1" * 16, "new_bodies", odd, odd, odd, [{"name": odd, "id": odd}], accepted=True),
    )
    decided = Decided("2" * 16, "role", odd, odd, "王芳", date(2026, 1, 1))
    sheet = Sheet("王芳", date(2026, 1, 1), listed, {decided.question: decided})
    write_sheet(tmp_path, sheet)
    assert read_sheet(tmp_path) == sheet


@pytest.mark.parametrize("misprint", ["省财政听", "省公按厅"])
def test_a_misprinted_body_in_a_clause_is_answered_in_one_step(
    notices: Path, run: Run, misprint: str
) -> None:
    body = f"一、基础\n（一）建设平台。抓好落实。（{misprint}牵头）\n（二）完善制度。抓好落实。（省公安厅牵头）"
    folder = take_in(notices, body)
    _, out, _ = run("read", PLAN)
    meant = {"省财政听": "省财政厅", "省公按厅": "省公安厅"}[misprint]
    assert [*numbers(folder)] == ["unknown_body"]
    assert f"perhaps a misprint of {meant}" in out
    assert "one by one" in run("answer", PLAN, "--all", "--by", "王芳")[1]
    if misprint == "省财政听":
        assert "proposed: {name: 省财政听, means: gd-finance}" in out
        status, _, _ = run("answer", PLAN, "1", "--by", "王芳")
    else:  # may be a body, by its name
        status, _, _ = run("answer", PLAN, "1", "--text", meant, "--by", "王芳")
    assert status == 0
    (assigned,) = read_yaml(folder / "plan.yaml", 10**6)["sections"][0]["items"][0]["assignments"]
    body_id = {"省财政听": "gd-finance", "省公按厅": "gd-public-security"}[misprint]
    assert (assigned["agency"], assigned["as_written"]) == (body_id, misprint)


def test_words_that_can_be_no_body_have_a_proposal_all_the_same(notices: Path, run: Run) -> None:
    table = "一、基础\n（一）建设平台。抓好落实。（责任单位：市政府办公室牵头的专班）\n（二）完善制度。抓好落实。（省公安厅牵头）"
    folder = take_in(notices, table)
    assert run("read", PLAN)[0] == 3
    for number in numbers(folder).values():
        assert not run("answer", PLAN, str(number), "--by", "王芳")[2]


def test_an_output_that_is_closed_is_named_and_nothing_else() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "seed", "--help"]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert done.returncode == 1
    assert done.stderr == "the output was closed before the end; run the command again\n"
