"""Who does what: every form of a clause that notices were seen to use."""

import pytest

from seed.reader.bodies import Bodies
from seed.reader.clauses import ClauseReader
from seed.reader.text import Span
from tests.support.reading_small import figures, known, read_small, task

L, R, S, G = "lead", "responsible", "support", "guide"


def read_clause(code: str, words: str) -> list[tuple[str, str | None]] | None:
    """Names and roles of a clause."""
    whole = Span(0, len(words))
    clause = ClauseReader(words, Bodies(known(), code)).read(whole, whole, ends_sentence=True)
    return [(one.name, one.role) for one in clause.assignments] if clause else None


@pytest.mark.parametrize(
    ("code", "words", "expected"),
    [
        ("100000", "财政部牵头，教育部、科技部等按职责分工负责",
         [("财政部", L), ("教育部", R), ("科技部", R)]),
        ("100000", "财政部、教育部等部门和地方各级人民政府按职责分工负责",
         [("财政部", R), ("教育部", R), ("地方各级人民政府", R)]),
        ("100000", "国家能源局等国务院相关部门及各地区按职责分工负责",
         [("国家能源局", R), ("国务院相关部门", R), ("各地区", R)]),
        ("100000", "财政部会同税务总局、海关总署负责", [("财政部", R), ("税务总局", S), ("海关总署", S)]),
        ("100000", "商务部牵头，会同文化和旅游部等负责", [("商务部", L), ("文化和旅游部", S)]),
        ("100000", "工业和信息化部、人力资源社会保障部和国家数据局负责",
         [("工业和信息化部", R), ("人力资源社会保障部", R), ("国家数据局", R)]),
        ("100000", "商务部指导，供销合作总社参与", [("商务部", G), ("供销合作总社", S)]),
        ("100000", "教育部、商务部等12部门按职责分工负责", [("教育部", R), ("商务部", R)]),
        ("100000", "各省（区、市）人民政府落实", [("各省（区、市）人民政府", R)]),
        ("440000", "省公安厅、司法厅牵头，省财政厅配合", [("省公安厅", L), ("省司法厅", L), ("省财政厅", S)]),
        ("440000", "省委政法委、公安厅牵头", [("省委政法委", L), ("省公安厅", L)]),
        ("440000", "省生态环境厅、市场监管局负责", [("省生态环境厅", R), ("省市场监管局", R)]),
        ("440000", "广州、深圳、珠海出入境边防检查总站负责", [
            ("广州出入境边防检查总站", R), ("深圳出入境边防检查总站", R), ("珠海出入境边防检查总站", R),
        ]),
        ("440000", "广州、深圳市政府牵头", [("广州市政府", L), ("深圳市政府", L)]),
        ("440000", "由省教育厅牵头，省民政厅配合", [("省教育厅", L), ("省民政厅", S)]),
        ("440000", "牵头责任单位：省能源局；配合责任单位：省水利厅", [("省能源局", L), ("省水利厅", S)]),
        ("440000", "责任单位：省教育厅牵头，省民政厅配合", [("省教育厅", L), ("省民政厅", S)]),
        ("330000", "责任单位：省经信厅，各市、县〔市、区〕政府", [("省经信厅", R), ("各市、县〔市、区〕政府", R)]),
        ("330100", "市经信局牵头，各区、县（市）政府配合", [("市经信局", L), ("各区、县（市）政府", S)]),
        ("330300", "责任单位：市数据局（市人工智能局）、市国投公司（温州数据交易中心）",
         [("市数据局（市人工智能局）", R), ("市国投公司（温州数据交易中心）", R)]),
        ("100000", "财政部负责，持续推进", [("财政部", R)]),
        ("100000", "财政部负责，9月底前完成", [("财政部", R)]),
    ],
)  # fmt: skip
def test_a_clause(code: str, words: str, expected: list[tuple[str, str]]) -> None:
    assert read_clause(code, words) == expected


@pytest.mark.parametrize(
    "words",
    [
        "垃圾焚烧企业依法依规安装自动监测设备、在厂区门口树立电子显示屏",
        "自治区、直辖市",
        "含电子社保卡",
        "省、市、县三级共同负责",
        "",
        "牵头",
    ],
)
def test_what_is_no_clause(words: str) -> None:
    assert read_clause("440000", words) is None


def test_what_might_be_a_clause_and_is_none_is_asked_about() -> None:
    reading = read_small(
        "一、夯实基础\n（一）建设平台。抓好落实（省、市、县三级共同负责）。（省公安厅牵头）"
    )
    assert [(q.kind, q.text) for q in reading.questions] == [
        ("bracket", "（省、市、县三级共同负责）")
    ]


def test_a_clause_without_a_role_is_asked_about() -> None:
    reading = read_small("一、夯实基础\n（一）建设平台。抓好落实。（省公安厅、省财政厅）")
    assert [(q.kind, q.text) for q in reading.questions] == [("role", "省公安厅、省财政厅")]
    assert [one.role for one in task(reading, "1").clauses[0].assignments] == [None, None]


def test_a_date_in_a_clause_is_that_of_what_it_covers() -> None:
    reading = read_small(
        "一、夯实基础\n（一）建设平台。建成平台3个。（省公安厅牵头，9月底前完成）\n"
        "（二）完善制度。印发办法。（牵头单位：省教育厅；完成时限：2023年6月底）"
    )
    assert figures(reading, "1") == [("3", "个", "eq", "2023-09-30")]
    assert figures(reading, "2") == [("", "", None, "2023-06-30")]


def test_labels_on_lines_are_one_clause() -> None:
    reading = read_small(
        "一、夯实基础\n（一）建设平台。抓好落实。\n牵头单位：省公安厅\n配合单位：省财政厅、司法厅\n"
        "（二）完善制度。抓好落实。（省教育厅牵头）"
    )
    (clause,) = task(reading, "1").clauses
    assert [(one.name, one.role) for one in clause.assignments] == [
        ("省公安厅", L), ("省财政厅", S), ("省司法厅", S),
    ]  # fmt: skip
    assert reading.questions == []


def test_a_rule_of_the_document_adds_bodies_from_there_on() -> None:
    reading = read_small(
        "一、夯实基础\n（一）建设平台。抓好落实。（省公安厅指导，试点城市政府负责落实。以下均需试点城市政府落实，不再列出）\n"
        "（二）完善制度。抓好落实。（省教育厅指导）\n（三）加强宣传。抓好落实。"
    )
    second = task(reading, "2")
    assert [(one.name, one.role) for one in second.by_rule] == [("试点城市政府", R)]
    rule = second.by_rule[0].rule
    assert rule is not None
    assert reading.text[rule].startswith("以下均需")
    assert task(reading, "3").by_rule == []


def test_a_clause_that_nothing_closes_is_read_and_asked_about() -> None:
    reading = read_small(
        "一、夯实基础\n（一）建设平台。抓好落实。（责任单位：省公安厅、省财政厅\n"
        "（二）完善制度。抓好落实。（责任单位：省教育厅）"
    )
    assert len(task(reading, "1").clauses) == 1
    assert [q.kind for q in reading.questions] == ["unclosed_bracket"]


def test_a_name_that_lost_a_character_is_never_another_body() -> None:
    reading = read_small(
        "一、夯实基础\n（一）建设平台。抓好落实。（责任单位：省教厅、省公安厅）\n"
        "（二）完善制度。抓好落实。（责任单位：省教育厅）"
    )
    (question,) = reading.questions
    assert (question.kind, question.text) == ("unknown_body", "省教厅")
    assert "省教育厅" in question.expected


def test_the_same_below_adds_the_last_group_from_there_on() -> None:
    reading = read_small(
        "一、夯实基础\n（一）建设平台。抓好落实。（省公安厅牵头，各地级以上市政府结合实际落实，下同）\n"
        "（二）完善制度。抓好落实。（省教育厅牵头）"
    )
    assert [(one.name, one.role) for one in task(reading, "2").by_rule] == [("各地级以上市政府", R)]


def test_a_rule_below_the_clauses_is_asked_about_but_a_note_holds_for_all() -> None:
    body = (
        "一、夯实基础\n（一）建设平台。抓好落实。（省公安厅、省财政厅负责）\n"
        "（二）完善制度。抓好落实。（省教育厅、省民政厅负责。列第一位者为牵头单位）"
    )
    reading = read_small(body)
    assert [q.kind for q in reading.questions] == ["rule"]
    assert [one.role for one in task(reading, "1").clauses[0].assignments] == [R, R]
    noted = read_small(body.replace("。列第一位者为牵头单位", "") + "\n注：列第一位者为牵头单位。")
    assert [one.role for one in task(noted, "1").clauses[0].assignments] == [L, R]
    assert noted.questions == []
