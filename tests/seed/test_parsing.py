"""A notice is read whole: nothing lost, nothing skipped, nothing guessed."""

import dataclasses
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seed.editorial import Editorial, NumberDecision, read_editorial
from seed.notice_files import NOTICES, ReadNotice, differing_files
from seed.numerals import chinese_number, chinese_numeral
from seed.reader.as_plan import parse
from seed.refusals import NoticeRefusedError
from seed.registry import FOLDER, Registry, read_registry

EDITORIAL = read_editorial(NOTICES / "gd-dg-2022" / "editorial.yaml")
GUANGDONG = Editorial("440000")
SMALL = """广东省人民政府办公厅关于印发广东省数据工作2023年要点的通知
粤办函〔2023〕1号
各地级以上市人民政府：
现印发给你们，请认真执行。
省政府办公厅
2023年1月5日
广东省数据工作2023年要点
为做好工作，制定本要点。
一、夯实基础
（一）建设平台。建成平台3个，覆盖率达到95.5%以上。（省公安厅、司法厅牵头，省财政厅配合）
（二）完善制度。
1.制定办法。6月底前印发办法。（省教育厅负责）
2.开展培训。培训不少于2万人次。（省民政厅牵头，省残联参与，省财政厅指导）
各部门要抓好落实。"""


def read(text: str, registry: Registry, editorial: Editorial = GUANGDONG) -> object:
    return parse(text, "gd-small", registry, editorial)


def test_the_committed_files_are_what_reading_gives(notice: ReadNotice) -> None:
    assert differing_files(NOTICES / "gd-dg-2022", notice) == []


def test_the_first_notice_comes_out_whole(notice: ReadNotice) -> None:
    plan = notice.plan
    tasks = plan.tasks()
    assignments = [assignment for task in tasks for assignment in task.assignments]
    assert len(plan.sections) == 6
    assert sum(len(section.items) for section in plan.sections) == 30
    assert sum(task.level == "subitem" for task in tasks) == 46
    assert sum(task.is_leaf for task in tasks) == 66
    assert sum(len(task.clauses) for task in tasks) == 66
    assert len(assignments) == 86
    assert sum(assignment.inherited_prefix is not None for assignment in assignments) == 9
    assert len({assignment.agency for assignment in assignments}) == 38
    assert {assignment.role for assignment in assignments} == {"lead"}
    assert Counter(a.agency for a in assignments)["gd-government-data"] == 35
    assert Counter(target.kind for target in plan.targets()) == {
        "quantitative": 14, "coverage": 3, "deadline": 1,
    }  # fmt: skip
    assert len({place for task in tasks for place in task.places}) == 11


def test_every_character_is_in_exactly_one_node(notice: ReadNotice) -> None:
    text, end = notice.restored.text, 0
    for node in notice.plan.nodes:
        assert set(text[end : node.start]) <= {"\n"}
        assert node.start < node.end
        end = node.end
    assert end == len(text)


def test_every_number_is_accounted_for_exactly_once(notice: ReadNotice) -> None:
    text, plan = notice.restored.text, notice.plan
    rejected = [(number.start, number.end) for number in plan.rejected_numbers]
    assert len(rejected) == len(set(rejected))
    in_targets = []
    for target in plan.targets():
        if target.value is not None and target.as_written:
            start = text.index(target.as_written, target.span.start)
            in_targets.append((start, start + len(target.as_written)))
    for number in re.finditer(r"\d+(?:\.\d+)?", text):
        places = [s for s in rejected + in_targets if s[0] <= number.start() < s[1]]
        assert len(places) == 1, (number, places)


def test_a_new_notice_needs_no_new_code(registry: Registry) -> None:
    plan = parse(SMALL, "gd-small", registry, GUANGDONG)
    assert (plan.issuer, plan.period and plan.period.year, plan.title) == (
        "广东省人民政府办公厅", 2023, "广东省数据工作2023年要点",
    )  # fmt: skip
    by_code = {task.code: task for task in plan.tasks()}
    assert [(a.agency, a.role, a.as_written) for a in by_code["1"].assignments] == [
        ("gd-public-security", "lead", "省公安厅"),
        ("gd-justice", "lead", "司法厅"),
        ("gd-finance", "support", "省财政厅"),
    ]
    assert [a.role for a in by_code["2.2"].assignments] == ["lead", "support", "guide"]
    three, cover = by_code["1"].targets
    assert (str(three.value), three.unit, three.comparator) == ("3", "个", "eq")
    assert (str(cover.value), cover.unit, cover.comparator) == ("95.5", "%", "gte")
    (june,) = by_code["2.1"].targets
    assert (june.kind, str(june.due_on), june.due_basis) == ("deadline", "2023-06-30", "stated")
    (people,) = by_code["2.2"].targets
    assert (str(people.value), people.unit) == ("20000", "人次")


def test_signature_and_date_may_stand_at_the_end(registry: Registry) -> None:
    moved = SMALL.replace("省政府办公厅\n2023年1月5日\n", "") + "\n省政府办公厅\n2023年1月5日"
    assert str(parse(moved, "gd-small", registry, GUANGDONG).issued_on) == "2023-01-05"


@pytest.mark.parametrize(
    ("old", "new", "refusal"),
    [
        ("粤办函〔2023〕1号", "一月五日讯", "line 2: paragraph"),
        ("各地级以上市人民政府：", "各地级以上市人民政府", "line 3: paragraph"),
        ("（二）完善", "（三）完善", "line 11: sign_jump"),
        ("（二）完善", "（一）完善", "line 11: sign_repeat"),
        ("2.开展", "3.开展", "line 13: sign_jump"),
        ("1.制定", "（三）制定", "line 13: sign_first"),
        ("省教育厅负责", "省魔法厅负责", "line 12: unknown_body: 省魔法厅"),
        ("省教育厅负责", "省教育厅", "line 12: role: 省教育厅"),
        ("省教育厅负责", "省教育厅、省教育厅负责", "line 12: sign_twice"),
        ("印发办法。", "印发办法77。", "line 12: number"),
        ("6月底前", "16月底前", "line 12: date"),
        ("建成平台3个", "未实现全覆盖", "line 10: negated"),
        ("建成平台3个", "建成平台9至3个", "line 10: comparison"),
        ("各部门要抓好落实。", "各部门要抓好落实。\n这一行没有归属", "line 15: paragraph"),
    ],
)
def test_what_is_open_is_refused_with_its_line(
    registry: Registry, old: str, new: str, refusal: str
) -> None:
    assert old in SMALL
    with pytest.raises(NoticeRefusedError, match=refusal):
        read(SMALL.replace(old, new, 1), registry)


def test_a_target_is_placed_in_the_body_also_where_the_title_says_the_same(
    registry: Registry,
) -> None:
    text = SMALL.replace("建设平台。建成平台3个，覆盖率达到95.5%以上", "实现全覆盖。实现全覆盖")
    plan = parse(text, "gd-small", registry, GUANGDONG)
    (target,) = plan.tasks()[0].targets
    assert target.span.start == text.index("实现全覆盖。实现全覆盖") + len("实现全覆盖。")


@pytest.mark.parametrize(
    "editorial",
    ["5", "", "[" * 100_000, "jurisdiction: '440000'\nroles: true",
     "jurisdiction: '440000'\njurisdiction: '440000'", "a: &a [*a]",
     "jurisdiction: '440000'\nroles: [{task: '27', role: boss, reason: x}]",
     "jurisdiction: '440000'\nroles: [{task: '27', role: lead}]",
     "jurisdiction: '440000'\nnumbers: [{text: 一, reason: x}, {text: 一, reason: y}]",
     "jurisdiction: '440000'\nlost: [{passage: '', reason: x}]"],
)  # fmt: skip
def test_decisions_that_are_none_are_refused(tmp_path: Path, editorial: str) -> None:
    file = tmp_path / "editorial.yaml"
    file.write_text(editorial, "utf-8")
    with pytest.raises(NoticeRefusedError, match=r"editorial\.yaml"):
        read_editorial(file)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("kind: platform", "kind: nonsense"),
        ("id: yue-zheng-yi", "id: 'A B'"),
        ("id: yue-shi-hui", "id: yue-zheng-yi"),
        ("name: 粤视会", "name: 粤政易"),
        ("aliases: []", "aliases: 粤政易"),
        ("aliases: []", "aliases: ['']"),
        ("name: 粤视会", "name: 5"),
        (", kind: platform", ""),
    ],
)
def test_registries_that_are_none_are_refused(tmp_path: Path, old: str, new: str) -> None:
    for file in FOLDER.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    platforms = tmp_path / "platforms.yaml"
    platforms.write_text(platforms.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(NoticeRefusedError):
        read_registry(tmp_path)


def test_two_notices_in_one_file_are_refused(registry: Registry) -> None:
    with pytest.raises(NoticeRefusedError, match="second notice"):
        read(f"{SMALL}\n{SMALL}", registry)


@settings(max_examples=60)
@given(st.integers(0, SMALL.count("\n")), st.sampled_from(["drop", "double", "swap", "cut"]))
def test_a_line_lost_or_doubled_never_passes_unseen(line: int, how: str) -> None:
    """Refused, or the difference is in the nodes; never the same plan."""
    registry = read_registry()
    lines = SMALL.split("\n")
    whole = parse(SMALL, "gd-small", registry, GUANGDONG)
    match how:
        case "drop":
            lines.pop(line)
        case "double":
            lines.insert(line, lines[line])
        case "swap":
            other = (line + 1) % len(lines)
            lines[line], lines[other] = lines[other], lines[line]
        case _:
            lines[line] = lines[line][: len(lines[line]) // 2]
    text = "\n".join(lines)
    try:
        plan = parse(text, "gd-small", registry, GUANGDONG)
    except NoticeRefusedError:
        return
    assert "".join(text[n.start : n.end] for n in plan.nodes) == text.replace("\n", "")
    assert dataclasses.asdict(plan) != dataclasses.asdict(whole)


def test_a_decision_that_meets_nothing_is_refused(registry: Registry) -> None:
    stale = dataclasses.replace(GUANGDONG, numbers=(NumberDecision("九牛", "not there"),))
    with pytest.raises(NoticeRefusedError, match="九牛"):
        read(SMALL, registry, stale)


def test_longest_names_win(registry: Registry) -> None:
    def named(text: str) -> list[str]:
        return [name for _, name in registry.of_jurisdiction("440000").named_in(text)]

    assert named("推行“粤省事码（粤居码）”") == ["粤省事码", "粤居码"]
    assert named("深圳市政府在深圳市") == ["深圳市政府", "深圳市"]


@given(st.integers(1, 99))
def test_numerals_count_as_headings_do(value: int) -> None:
    assert chinese_number(chinese_numeral(value)) == value


@pytest.mark.parametrize("numeral", ["〇", "一一", "十十", "一十", "百", "二十〇", "五三"])
def test_what_is_no_numeral_is_none(numeral: str) -> None:
    with pytest.raises(ValueError, match=numeral):
        chinese_number(numeral)
