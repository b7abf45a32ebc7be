"""Text files: every encoding said or refused, lines joined or parted as they were meant."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seed.intake.blocks import Origin, Paragraph, Table
from seed.intake.glyphs import clean
from seed.intake.text import read_text
from seed.refusals import NoticeRefusedError

NOTICE = "示例省人民政府关于做好示例工作的通知\n各市人民政府：\n一、示例\n（一）推进示例。到2030年建成。\n"


def texts(data: bytes) -> list[str]:
    return [block.text for block in read_text(data).blocks if isinstance(block, Paragraph)]


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (NOTICE.encode(), "utf-8"),
        (codecs.BOM_UTF8 + NOTICE.encode(), "utf-8"),
        (NOTICE.encode("gb18030"), "gb18030"),
        (codecs.BOM_UTF16_LE + NOTICE.encode("utf-16-le"), "utf-16-le"),
        (codecs.BOM_UTF16_BE + NOTICE.encode("utf-16-be"), "utf-16-be"),
        (NOTICE.encode("utf-16-le"), "utf-16-le"),
        (NOTICE.encode("utf-16-be"), "utf-16-be"),
        (NOTICE.replace("\n", "\r\n").encode(), "utf-8"),
        (NOTICE.replace("\n", "\r").encode("gb18030"), "gb18030"),
    ],
)
def test_the_encoding_is_detected_and_told(data: bytes, encoding: str) -> None:
    extraction = read_text(data)
    assert (extraction.encoding, extraction.text) == (encoding, NOTICE)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("示例縣政府關於運輸與發展的意見，請認真貫徹".encode("big5"), "does not read as GB18030"),
        (NOTICE.encode()[:-8] + b"\xff\n" + NOTICE.encode(), "line 4: byte 0xE5"),
        (NOTICE.encode("gb18030")[:-2], "does not read as GB18030"),
        (codecs.BOM_UTF16_LE + NOTICE.encode("utf-16-le")[:-1], "is not utf-16-le"),
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf \n", "the file is empty"),
        (b"\xff\xfe", "the file is empty"),
        (f"{NOTICE}\0".encode(), "U+0000"),
        (f"{NOTICE}\ufffd".encode(), "line 5: the character U+FFFD"),
        (bytes(range(256)) * 20, "is not UTF-8"),
        ("一".encode() * 2_000_000, "at most 4000000"),
    ],
)
def test_what_no_encoding_proves_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(NoticeRefusedError, match="expected") as refused:
        read_text(data)
    assert words in str(refused.value)


def test_traditional_characters_in_gb18030_are_read() -> None:
    text = "示例縣人民政府關於運輸與發展的意見，請認真貫徹執行。\n"
    assert read_text(text.encode("gb18030")).text == text


def test_ascii_is_never_taken_for_pairs_of_bytes() -> None:
    assert read_text(b"abcdefghijklmnopqrstuvwxyz" * 4).encoding == "utf-8"


WRAPPED = """示例省人民政府关于加快示例
工作的通知
示政发〔２０３０〕１
——————————————
号
各市人民政府，省政府直属各单位：
一、示例目标
坚持示例驱动、示例主导，统筹布局示例基础设
施，到２０３２年建成３０个示例应用场景，全面
形成示例格局。
（一）推进示例应用。支持各市建设示例中心，每
年遴选１０个项目，每个项目给予最高５０万元。
对示例企业的投入，按照投资额的３％给予补助和

—
１
０
—

奖励，支持各市在若干领域率先开展示例化的ＡＩ
Ａｇｅｎｔ应用，推进示例产业的发展，形成新的
示例生态。（责任单位：示例省经信厅）
（二）推进示例建设。
抄送：示例省委各部门。
"""


def test_wrapped_lines_become_paragraphs_and_page_numbers_are_set_aside() -> None:
    extraction = read_text(WRAPPED.encode())
    item = (
        "（一）推进示例应用。支持各市建设示例中心，每年遴选10个项目，每个项目给予最高50万元。"
        "对示例企业的投入，按照投资额的3%给予补助和奖励，支持各市在若干领域率先开展示例化的AI Agent应用，"
        "推进示例产业的发展，形成新的示例生态。（责任单位：示例省经信厅）"
    )
    assert extraction.text.splitlines() == [
        "示例省人民政府关于加快示例工作的通知",
        "示政发〔2030〕1号",
        "各市人民政府，省政府直属各单位：",
        "一、示例目标",
        "坚持示例驱动、示例主导，统筹布局示例基础设施，到2032年建成30个示例应用场景，全面形成示例格局。",
        item,
        "（二）推进示例建设。",
        "抄送：示例省委各部门。",
    ]
    assert [(each.rule, each.text) for each in extraction.set_aside] == [
        ("ruled line", "——————————————"),
        ("page number", "— 1 0 —"),
    ]


@pytest.mark.parametrize("margin", ["", "      "])
def test_an_indented_line_begins_a_paragraph(margin: str) -> None:
    lines = [
        "　　一、推动示例产业高质量发展和示例集群建设提升水平",
        "　　坚持示例驱动、示例主导，统筹布局示例基础设施建设，",
        "到2032年建成若干个示例应用场景，持续推进示例中心的建",
        "设，全面形成示例格局，完善示例制度，加快示例推广应用，",
        "提升示例水平，扩大示例覆盖面，健全示例标准，强化示例的",
        "监管。",
        "　　加强示例保障，各市要结合实际抓好落实，形成工作合力，",
        "按时报送进展情况。",
    ]
    found = texts("\n".join(margin + line for line in lines).encode())
    assert found == ["".join(part).replace("　", "") for part in (lines[:1], lines[1:6], lines[6:])]


def test_each_character_of_a_joined_paragraph_knows_its_line() -> None:
    paragraph = read_text(WRAPPED.encode()).blocks[5]
    assert isinstance(paragraph, Paragraph)
    assert paragraph.origin_at(0) == Origin(line=11)
    assert paragraph.origin_at(paragraph.text.index("每个项目")) == Origin(line=12)
    assert paragraph.origin_at(paragraph.text.index("奖励")) == Origin(line=20)
    assert paragraph.origin_at(paragraph.text.index("示例省经信厅")) == Origin(line=22)


def test_a_table_of_contents_is_set_aside() -> None:
    extraction = read_text(
        "目　录\n\n一、总体要求……………1\n（一）目标.......... 12\n一、总体要求\n".encode()
    )
    assert extraction.text == "一、总体要求\n"
    assert [each.text for each in extraction.set_aside] == [
        "目　录",
        "一、总体要求……………1",
        "（一）目标.......... 12",
    ]


def test_lines_that_were_not_wrapped_stay_apart() -> None:
    lines = [f"第{'很' * n}长的标题" for n in range(3, 30)]
    assert texts("\n".join(lines).encode()) == lines


ONE_LINE = (
    "为做好示例工作，制定本方案。一、加强示例管理（一）完善制度，落实到位。"
    "（示例部牵头，各地区按职责分工负责）具体措施：1．建立示例台账，依据（一）的要求办理。（示例部负责）"
    "2.2030年底前制定示例办法，增长1.5倍。（示例局负责）（二）推进改革。（各地区负责）"
    f"二、优化示例服务（三）减少环节。{'简化办事流程，提高办事效率。' * 20}（示例局负责）"
    "具体措施：完善示例平台。（示例部负责）各地区要抓好落实。"
)


def test_a_one_line_copy_gets_its_paragraphs_back_from_the_numbering() -> None:
    found = texts(ONE_LINE.encode())
    assert "".join(found) == ONE_LINE
    assert [text[:8] for text in found] == [
        "为做好示例工作，",
        "一、加强示例管理",
        "（一）完善制度，",
        "具体措施：",
        "1．建立示例台账",
        "2.2030年底",
        "（二）推进改革。",
        "二、优化示例服务",
        "（三）减少环节。",
        "具体措施：完善示",
        "各地区要抓好落实",
    ]


def test_a_list_inside_an_item_stays_in_it() -> None:
    item = "（一）推进示例。重点做好以下工作：1.建设平台；2.完善制度；3.优化服务；4.加强监管。"
    text = f"{item}{'加强示例管理。' * 30}"
    assert texts(text.encode()) == [text]


def test_a_short_copy_in_one_line_is_parted_too() -> None:
    text = (
        "一、示例目标到2030年，建成示例平台10个以上，形成示例格局。二、示例任务（一）建设平台。"
        "加快示例平台建设。（示例部负责）（二）优化服务。简化示例流程。（示例局牵头，示例部配合）"
        "三、示例保障各地区要加强组织领导，压实工作责任，确保各项示例任务落到实处，取得实效，按时报告进展。"
    )
    assert [each[:3] for each in texts(text.encode())] == [
        "一、示",
        "二、示",
        "（一）",
        "（二）",
        "三、示",
    ]


def test_numbers_that_a_sentence_mentions_part_no_paragraph() -> None:
    text = f"推进示例工作，按照第（一）项、第（三）项和附件1．执行。{'加强示例管理。' * 80}"
    assert texts(text.encode()) == [text]


@pytest.mark.parametrize(
    "lines",
    [
        ["示例省人民政府办公厅", "关于印发示例方案的通知"],
        ["示例省人民政府", "印发关于支持示例工作若干措施的通知"],
        ["示例省人民政府关于印发示例行动计划", "的通知"],
        ["示例省人民政府办公厅关于印发", "示例省“十五五”规划", "实施方案的通知"],
        ["示例省示例高质量发展（数字发展）", "领导小组办公室关于印发示例方案的通知"],
        ["示例省人民政府关于推进示例", "工作的意见"],
        ["示例省财政厅　示例省民政厅", "关于做好示例工作的通知"],
    ],
)
def test_a_title_on_several_lines_is_one_paragraph(lines: list[str]) -> None:
    text = "\n".join(["示政发〔2030〕1号", *lines, "各市人民政府：", "现予印发。"])
    assert texts(text.encode())[1:-2] == ["".join(lines)]


@pytest.mark.parametrize(
    "lines",
    [
        ["示例省人民政府文件", "示例省人民政府关于推进示例工作的意见"],
        ["政策文件", "示例省人民政府办公厅关于印发示例方案的通知"],
        ["公开", "关于示例的公告"],
        ["示例省人民政府办公厅", "2030年1月2日"],
        ["示例省人民政府关于推进示例工作的意见", "示政发〔2030〕1号"],
        ["示例省人民政府关于公布示例目录的通知", "示例省示例目录"],
    ],
)
def test_what_stands_beside_a_title_stays_apart(lines: list[str]) -> None:
    assert texts("\n".join([*lines, "各市人民政府："]).encode())[:-1] == lines


def test_a_joined_front_matter_is_parted() -> None:
    front = (
        "示例省人民政府办公厅关于印发示例方案的通知示政办发〔2030〕4号\n"
        "各市人民政府，省政府各部门：现将《示例方案》印发给你们，请认真执行。"
        "示例省人民政府办公厅2030年1月2日（此件公开发布）\n"
    )
    assert texts(front.encode()) == [
        "示例省人民政府办公厅关于印发示例方案的通知",
        "示政办发〔2030〕4号",
        "各市人民政府，省政府各部门：",
        "现将《示例方案》印发给你们，请认真执行。",
        "示例省人民政府办公厅2030年1月2日",
        "（此件公开发布）",
    ]


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        ("到２０３０年，达到１．５％", "到2030年，达到1.5%"),
        ("３．２０３０年底前完成", "3．2030年底前完成"),
        ("超过2 万家，增长5 %，建设AI 平台", "超过2万家，增长5%，建设AI平台"),
        ("示例省财政厅  示例省数据局", "示例省财政厅　示例省数据局"),
        ("示例省政府办公厅　　2030年1月2日印发", "示例省政府办公厅　2030年1月2日印发"),
        ("示 例 省 财 政 厅 文 件", "示例省财政厅文件"),
        ("推进⼯业⻋间建设", "推进工业车间建设"),
        ("零\u200b宽\ufeff字", "零宽字"),
        ("\uf06c 推进示例", "推进示例"),
        ("示例（ＭａａＳ）和AI Agent", "示例（MaaS）和AI Agent"),
    ],
)
def test_typography_is_undone(printed: str, read: str) -> None:
    assert clean(printed).text == read
    assert not clean(printed).doubts


def test_a_private_use_glyph_in_a_figure_is_a_question_with_a_proposal() -> None:
    extraction = read_text("推进示例\n收入超１\ue010２万亿元，含\ue011项。".encode())
    assert extraction.text == "推进示例\n收入超1.2万亿元，含\ue011项。\n"
    asked = extraction.questions
    assert [(q.found, q.proposal, q.block, q.start) for q in asked] == [
        ("\ue010", ".", 1, 4),
        ("\ue011", None, 1, 11),
    ]
    assert "U+E010" in asked[0].expected
    assert asked[0].origin == Origin(line=2)


@given(st.text(alphabet="示例１2３.．％ 　\ue010－aＡ⻋、（）\u200b", max_size=30))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean(text).text
    assert clean(once).text == once


CELLS = ["序号", "工 作 任 务", "责任单位", "1", "建设平台", "市数据局", "2", "推进应用", "/"]


@pytest.mark.parametrize(
    "lines", [CELLS, [" ".join(CELLS[at : at + 3]) for at in (0, 3, 6)]], ids=["cells", "rows"]
)
def test_a_table_that_was_copied_without_lines_is_a_table_again(lines: list[str]) -> None:
    title, table, note = read_text("\n".join(["任务分工表", *lines, "注：完。"]).encode()).blocks
    assert isinstance(table, Table)
    assert table.columns == ("序号", "工作任务", "责任单位")
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["1", "建设平台", "市数据局"],
        ["2", "推进应用", ""],
    ]
    assert (title.origin.line, note.origin.line) == (1, len(lines) + 2)


@pytest.mark.parametrize(
    "lines",
    [
        [*CELLS[:4], "建设", "平台", *CELLS[5:]],
        [*CELLS, "3", "办好大会"],
        [*CELLS, "3", "办好", "大会", "市经信局"],
        ["序号 工作任务 责任单位", "1 建设平台 市数据局", "2 推进 应用 市数据局"],
        ["序号 工作任务 责任单位", "1 建设平台 市数据局"],
    ],
)
def test_a_table_with_a_cell_too_many_or_too_few_stays_text(lines: list[str]) -> None:
    blocks = read_text("\n".join(["任务分工表", *lines]).encode()).blocks
    assert all(isinstance(block, Paragraph) for block in blocks)
