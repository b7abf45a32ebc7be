"""Ways to be wrong without a word, each found in a real notice; every one is read right or asked."""

from datetime import date
from typing import Any

import pytest

from seed.editorial import Editorial, NumberDecision
from seed.intake.markdown import read_markdown
from seed.intake.text import read_text
from seed.plan import Period
from seed.reader.bodies import Bodies
from seed.reader.read import read
from seed.refusals import NoticeRefusedError
from seed.restore import restore
from tests.support.reading_small import figures, kinds, known, read_small, roles, task


def test_a_city_never_gets_the_body_of_another_city() -> None:
    body = "一、夯实基础\n（一）建设平台。抓好落实。（市政务服务数据管理局牵头，广州市政府、省公安厅配合）"
    shaoguan = read_small(body, "440200", title="韶关市数据工作2023年要点", issuer="韶关市人民政府")
    assert roles(shaoguan, "1") == [
        ("市政务服务数据管理局", None, "lead"),
        ("广州市政府", None, "support"),
        ("省公安厅", "gd-public-security", "support"),
    ]
    assert kinds(shaoguan) == ["new_bodies"]
    hangzhou = read_small(body, "330100", title="杭州市数据工作2023年要点", issuer="杭州市人民政府")
    assert [agency for _, agency, _ in roles(hangzhou, "1")] == [None, None, None]


def test_a_clause_in_the_middle_of_a_paragraph_covers_what_stands_before_it() -> None:
    reading = read_small(
        "一、夯实基础\n（一）建设平台。建成平台3个。（省公安厅牵头）推广应用，覆盖率达到95%以上。（省财政厅牵头）"
    )
    first, second = task(reading, "1").clauses
    text = reading.text
    assert (text[first.covers], text[second.covers]) == (
        "建设平台。建成平台3个。",
        "推广应用，覆盖率达到95%以上。",
    )
    assert [agency for _, agency, _ in roles(reading, "1")] == ["gd-public-security", "gd-finance"]
    assert reading.questions == []


def test_a_task_that_begins_with_a_year_is_a_task() -> None:
    reading = read_small(
        "一、夯实基础\n（一）建设平台。\n1.制定办法。（省公安厅牵头）\n2.2023年底前建成平台。（省财政厅牵头）"
    )
    assert [one.code for one in reading.tasks] == ["1", "1.1", "1.2", "2"]
    assert task(reading, "1.2").title == "2023年底前建成平台"
    assert figures(reading, "1.2") == [("", "", None, "2023-12-31")]
    assert reading.frame.texts("closing") == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("到2025年，培育企业100家", [("100", "家", "eq", "2025-12-31")]),
        ("到2027年底前，建成平台3个", [("3", "个", "eq", "2027-12-31")]),
        ("6月30日前，建成平台3个", [("3", "个", "eq", "2023-06-30")]),
        ("2024年上半年，建成平台3个", [("3", "个", "eq", "2024-06-30")]),
        ("9月底前印发办法", [("", "", None, "2023-09-30")]),
        ("到2025年，培育企业100家，产值达到3亿元", [
            ("100", "家", "eq", "2025-12-31"), ("300000000", "元", "gte", "2025-12-31"),
        ]),
        ("2023年底前建成平台3个，2024年6月底前建成平台5个", [
            ("3", "个", "eq", "2023-12-31"), ("5", "个", "eq", "2024-06-30"),
        ]),
    ],
)  # fmt: skip
def test_a_date_is_the_one_that_is_printed_and_counts_once(
    words: str, expected: list[tuple[str, str, str, str]]
) -> None:
    reading = read_small(f"一、夯实基础\n（一）建设平台。{words}。（省公安厅牵头）")
    assert figures(reading, "1") == expected
    assert reading.questions == []


def test_every_year_is_no_date_but_a_recurrence() -> None:
    reading = read_small(
        "一、夯实基础\n（一）建设平台。每年培训100人次以上，每年12月底前报送情况。（省公安厅牵头）"
    )
    people, report = task(reading, "1").targets
    assert (people.recurrence, people.recurs_on, people.due_basis) == ("yearly", (), "plan_end")
    assert (report.recurrence, report.recurs_on) == ("yearly", ("12-31",))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("年产量突破2 万台", [("20000", "台", "gt")]),
        ("空间达到480万平方米", [("4800000", "平方米", "gte")]),
        ("总动力稳定在11亿千瓦左右", [("1100000000", "千瓦", "about")]),
        ("给予最高800万元补助", [("8000000", "元", "lte")]),
        ("不超过投资额的30%", [("30", "%", "lte")]),
        ("种植、收获机械化率分别达到65%和55%", [("65", "%", "gte"), ("55", "%", "gte")]),
        (
            "奖励最高100万元/项、50万元/项",
            [("1000000", "元/项", "lte"), ("500000", "元/项", "lte")],
        ),
        ("开展3至5个行动", [("3", "个", "between")]),
        ("办理时限压缩一半", [("50", "%", "eq")]),
        ("规模翻一番", [("100", "%", "eq")]),
        ("算力突破3000PFlops", [("3000", "PFlops", "gt")]),
    ],
)
def test_figures_keep_their_units_and_comparisons(
    words: str, expected: list[tuple[str, str, str]]
) -> None:
    reading = read_small(f"一、夯实基础\n（一）建设平台。{words}。（省公安厅牵头）")
    assert [one[:3] for one in figures(reading, "1")] == expected
    assert reading.questions == []


def test_as_many_metrics_as_figures_where_they_are_told_apart() -> None:
    reading = read_small(
        "一、夯实基础\n（一）建设平台。水稻种植率、收获率分别达到65%和55%。（省公安厅牵头）"
    )
    first, second = task(reading, "1").targets
    assert first.metric.startswith("水稻种植率")
    assert second.metric.startswith("收获率")


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("实施“百千万工程”和“100个场景”行动", "quoted_name"),
        ("对超过100人的企业给予指导", "condition"),
        ("年薪100万元以上且具有5年以上研发经验的，可直接认定", "condition"),
        ("禁止生产厚度低于0.01毫米的地膜", "threshold"),
        ("聚焦6大领域", "number_of_kinds"),
        ("对营收突破10亿元、50亿元的企业给予表扬", "condition"),
        ("做好5G和IPv6部署", "technical_name"),
    ],
)
def test_names_conditions_and_thresholds_are_no_targets(words: str, rule: str) -> None:
    reading = read_small(f"一、夯实基础\n（一）建设平台。{words}。（省公安厅牵头）")
    assert task(reading, "1").targets == []
    assert rule in {one.rule for one in reading.explained}
    assert reading.questions == []


@pytest.mark.parametrize(
    ("words", "counted"),
    [
        ("安排投资10亿元以上项目611个", "611"),
        ("对100个老旧小区的设备进行改造", "100"),
        ("实现15%的养老机构完成改造", "15"),
        ("培育50个具有竞争力的产品", "50"),
        ("节约用水30%", "30"),
        ("制定5个内容标准", "5"),
    ],
)
def test_what_counts_is_a_target_and_only_that(words: str, counted: str) -> None:
    reading = read_small(f"一、夯实基础\n（一）建设平台。{words}。（省公安厅牵头）")
    assert [one[0] for one in figures(reading, "1")] == [counted]
    assert {one[2] for one in figures(reading, "1")} == {"eq"}
    assert reading.questions == []


@pytest.mark.parametrize(
    ("words", "value", "baseline", "direction"),
    [
        ("事项由24项增加为30项", "30", "24", "increase"),
        ("时限从20个工作日压减至5个工作日", "5", "20", "decrease"),
    ],
)
def test_an_old_value_is_a_baseline(words: str, value: str, baseline: str, direction: str) -> None:
    reading = read_small(f"一、夯实基础\n（一）建设平台。{words}。（省公安厅牵头）")
    (target,) = task(reading, "1").targets
    assert (f"{target.value}", f"{target.baseline}", target.direction) == (
        value, baseline, direction,
    )  # fmt: skip


def test_pinyin_in_brackets_goes_also_with_blanks_and_for_both_scripts() -> None:
    assert restore("加快数( shù )据建设。").text == "加快数据建设。"
    assert restore("提升績(jì)效，加快數據建設和應用。").text == "提升绩效，加快数据建设和应用。"


def test_the_first_listed_leads_where_the_document_says_so() -> None:
    reading = read_small(
        "一、夯实基础\n（一）建设平台。抓好落实。（省公安厅、省财政厅负责。列第一位者为牵头单位，下同）\n"
        "（二）完善制度。抓好落实。（责任单位：省教育厅、省民政厅）\n"
        "（三）开展培训。抓好落实。（省教育厅、省民政厅牵头负责）"
    )
    assert [role for *_, role in roles(reading, "1")] == ["lead", "responsible"]
    assert [role for *_, role in roles(reading, "2")] == ["lead", "responsible"]
    assert [role for *_, role in roles(reading, "3")] == ["lead", "lead"]
    rule = task(reading, "2").clauses[0].rule
    assert rule is not None
    assert reading.text[rule].startswith("列第一位者为牵头单位")
    assert task(reading, "3").clauses[0].rule is None


def test_a_decision_about_one_number_hides_no_other() -> None:
    body = "一、夯实基础\n（一）建设平台。建成平台15个，聚焦5个。（省公安厅牵头）"
    decided = Editorial("440000", numbers=(NumberDecision("5个", "不是指标。"),))
    reading = read_small(body, decisions=decided)
    assert [one[0] for one in figures(reading, "1")] == ["15"]
    twice = read_small(body.replace("15个", "5个"), decisions=decided)
    assert "decision" in kinds(twice)
    assert [one[0] for one in figures(twice, "1")] == ["5", "5"]


@pytest.mark.parametrize(
    ("decided", "due"),
    [
        ({}, (None, "2023-06-30")),
        ({"period": Period(date(2024, 3, 1), date(2025, 12, 31))}, ("2025-12-31", "2023-06-30")),
        ({"issued_on": date(2024, 1, 5)}, (None, "2024-06-30")),
    ],
)
def test_dates_follow_from_what_a_person_says_of_the_notice(
    decided: dict[str, Any], due: tuple[str | None, str | None]
) -> None:
    body = "一、夯实基础\n（一）建设平台。建成平台15个。6月底前建成系统2个。（省公安厅牵头）"
    reading = read_small(body, title="数据工作若干措施", decisions=Editorial("440000", **decided))
    assert tuple(one[3] for one in figures(reading, "1")) == due


def test_a_task_that_has_words_of_a_website_is_a_task() -> None:
    reading = read_small(
        "一、夯实基础\n（一）完成移动端无障碍改造。抓好落实。（省公安厅牵头，省司法厅配合）\n"
        "（二）编制网站地图。抓好落实。（省公安厅牵头）"
    )
    assert [one.code for one in reading.tasks] == ["1", "2"]
    assert reading.outline.set_aside == []


def test_bodies_of_a_table_without_its_columns_are_asked_about() -> None:
    body = "一、夯实基础\n（一）建设平台。抓好落实。（省公安厅牵头）\n序号　工作任务　责任单位\n1　推进共享　省公安厅、司法厅"
    reading = read_small(body)
    assert [(one.kind, one.text) for one in reading.questions if one.kind != "sign_paragraph"] == [
        ("lost_table", "序号　工作任务　责任单位"),
        ("number", "　责任单位 1　推进共享　"),
        ("names", "省公安厅、司法厅"),
    ]


def test_a_body_that_fills_a_cell_of_no_role_or_a_heading_is_asked_about() -> None:
    table = "# 2023年任务清单\n\n|序号|工作任务|单位|\n|---|---|---|\n|1|建设平台|省公安厅|\n|2|制定办法|本级|"
    reading = read(read_markdown(table.encode()).blocks, Bodies(known(), "440000"))
    assert [(one.kind, one.text) for one in reading.questions] == [("names", "省公安厅")]
    headed = read_small("一、省公安厅\n（一）建设平台。抓好落实。\n（二）制定办法。抓好落实。")
    assert kinds(headed) == ["names"]


def test_two_rows_of_a_table_without_a_line_between_them_are_asked_about() -> None:
    table = "# 2023年任务清单\n\n|序号|工作任务|责任单位|\n|---|---|---|\n|12|建设平台制定办法|省公安厅|\n|4|推进应用|省公安厅|"
    reading = read(read_markdown(table.encode()).blocks, Bodies(known(), "440000"))
    assert [(one.kind, one.expected) for one in reading.questions] == [
        ("lost_table", "row 1, and a row for each number"),
        ("sign_jump", "number 13"),
    ]


def test_a_table_without_its_columns_alone_is_refused_with_what_to_bring() -> None:
    blocks = read_text(
        "任务分工表\n序号\n工作任务\n责任单位\n1\n建设\n平台\n省公安厅".encode()
    ).blocks
    with pytest.raises(NoticeRefusedError, match="a table without its columns.*DOCX or XLSX"):
        read(blocks, Bodies(known(), "440000"))
