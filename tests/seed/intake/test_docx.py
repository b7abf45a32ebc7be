"""DOCX: what Word shows is read, what it hides is set aside or asked about."""

import io
import zipfile

import pytest

from seed.intake import archives
from seed.intake.blocks import Origin, Paragraph, Table
from seed.intake.docx import read_docx
from seed.intake.docx_numbering import numeral
from seed.refusals import NoticeRefusedError
from tests.support.office_files import RELATIONS, W, archive, docx, numbered, p, table, tc


def lvl(level: int, form: str, text: str, more: str = "") -> str:
    return (
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


NUMBERING = (
    '<w:abstractNum w:abstractNumId="0">'
    + lvl(0, "chineseCountingThousand", "%1、")
    + lvl(1, "chineseCounting", "（%2）", '<w:lvlRestart w:val="0"/>')
    + lvl(2, "decimal", "%3.")
    + lvl(3, "decimal", "%1.%3.%4", "<w:isLgl/>")
    + '</w:abstractNum><w:abstractNum w:abstractNumId="1">'
    + lvl(0, "decimalEnclosedCircleChinese", "%1")
    + lvl(1, "bullet", "\uf06c")
    + lvl(2, "decimalZeroOfOurOwn", "%3")
    + "</w:abstractNum>"
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    '<w:num w:numId="2"><w:abstractNumId w:val="0"/>'
    '<w:lvlOverride w:ilvl="2"><w:startOverride w:val="5"/></w:lvlOverride></w:num>'
    '<w:num w:numId="3"><w:abstractNumId w:val="1"/></w:num>'
)
STYLES = """
<w:style w:type="paragraph" w:styleId="item"><w:name w:val="item"/>
<w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="own"><w:name w:val="own"/><w:basedOn w:val="item"/></w:style>
<w:style w:type="character" w:styleId="unseen"><w:name w:val="unseen"/>
<w:rPr><w:vanish/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="TOC1"><w:name w:val="toc 1"/></w:style>
"""


def texts(body: str, **parts: str) -> list[str]:
    return read_docx(docx(body, **parts)).text.splitlines()


def test_automatic_numbers_are_written_out() -> None:
    body = (
        numbered("总体要求")
        + numbered("推进示例。", 1)
        + numbered("建设示例平台。", 2)
        + numbered("2030年底前完成。", 2)
        + numbered("重点任务")
        + numbered("优化示例。", 1)
        + numbered("减少环节。", 2)
        + numbered("合并事项。", 3)
        + numbered("从五开始。", 2, 2)
        + numbered("接着数。", 2)
        + p("不编号。", '<w:pStyle w:val="item"/><w:numPr><w:numId w:val="0"/></w:numPr>')
        + p("样式编号。", '<w:pStyle w:val="own"/>')
        + numbered("圆圈", 0, 3)
        + numbered("项目符号", 1, 3)
    )
    assert texts(body, numbering=NUMBERING, styles=STYLES) == [
        "一、总体要求",
        "（一）推进示例。",
        "1.建设示例平台。",
        "2.2030年底前完成。",
        "二、重点任务",
        "（二）优化示例。",
        "1.减少环节。",
        "2.1.1合并事项。",
        "5.从五开始。",
        "6.接着数。",
        "不编号。",
        "（三）样式编号。",
        "①圆圈",
        "项目符号",
    ]


def test_a_number_format_that_is_not_known_is_a_question() -> None:
    extraction = read_docx(docx(numbered("推进示例。", 2, 3), numbering=NUMBERING))
    (asked,) = extraction.questions
    assert asked.kind == "number_format"
    assert "decimalZeroOfOurOwn" in asked.expected


@pytest.mark.parametrize(
    ("value", "form", "written"),
    [
        (21, "chineseCounting", "二十一"),
        (105, "chineseCountingThousand", "一百零五"),
        (112, "chineseCountingThousand", "一百一十二"),
        (3, "upperRoman", "III"),
        (28, "lowerLetter", "bb"),
        (2, "ideographTraditional", "乙"),
        (10, "ideographDigital", "一〇"),
        (25, "decimalEnclosedCircle", "25"),
        (7, "decimalZero", "07"),
        (1, "no such format", None),
    ],
)
def test_numerals(value: int, form: str, written: str | None) -> None:
    assert numeral(value, form) == written


def run(inside: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr>{inside}</w:r>"


def t(text: str, properties: str = "") -> str:
    return run(f"<w:t>{text}</w:t>", properties)


def field(kind: str) -> str:
    return run(f'<w:fldChar w:fldCharType="{kind}"/>')


def paragraph(*runs: str) -> str:
    return f"<w:p>{''.join(runs)}</w:p>"


def test_what_word_hides_is_set_aside_and_what_it_shows_is_not() -> None:
    body = paragraph(
        t("推进示例"),
        t("隐藏", "<w:vanish/>"),
        t("样式隐藏", '<w:rStyle w:val="unseen"/>'),
        t("白字", '<w:color w:val="FFFFFF"/>'),
        t("深底白字", '<w:color w:val="FFFFFF"/><w:shd w:fill="000000"/>'),
        t("显示", '<w:vanish w:val="0"/>'),
        field("begin"),
        run("<w:instrText>PAGEREF _Toc1</w:instrText>"),
        field("separate"),
        t("结果"),
        field("end"),
        run(f"<w:pict><w:txbxContent>{p('框中文字')}</w:txbxContent></w:pict>"),
        f"<w:hyperlink>{t('链接')}</w:hyperlink>",
        run('<w:noBreakHyphen/><w:sym w:font="Symbol" w:char="2460"/>'),
    )
    extraction = read_docx(
        docx(
            body + p("一、总体要求\t1", '<w:pStyle w:val="TOC1"/>'),
            styles=STYLES,
            comments=f"<w:comment w:author='甲'>{p('请核对')}</w:comment>",
            footnotes=f"<w:footnote w:type='separator'>{p('线')}</w:footnote>"
            f"<w:footnote>{p('脚注')}</w:footnote>",
            endnotes=f"<w:endnote>{p('尾注')}</w:endnote>",
            header1=p("页眉"),
            footer1=p("页脚"),
        )
    )
    assert extraction.text == "推进示例深底白字显示结果链接-①\n"
    assert {(each.rule, each.text) for each in extraction.set_aside} == {
        ("hidden text", "隐藏样式隐藏"),
        ("white text", "白字"),
        ("text box", "框中文字"),
        ("table of contents", "一、总体要求1"),
        ("comment", "请核对"),
        ("footnote", "脚注"),
        ("endnote", "尾注"),
        ("page header", "页眉"),
        ("page footer", "页脚"),
    }


def test_of_what_is_there_for_new_and_for_old_programs_one_is_read() -> None:
    both = "<w:AlternateContent><w:Choice>{}</w:Choice><w:Fallback>{}</w:Fallback></w:AlternateContent>"
    body = both.format(p("推进示例。"), p("推进示例。"))
    body += paragraph(t("优化"), both.format(t("服务。"), t("服务。")))
    assert texts(body) == ["推进示例。", "优化服务。"]


def test_a_field_that_never_ends_hides_only_its_own_paragraph() -> None:
    assert texts(paragraph(field("begin"), t("码")) + p("推进示例。")) == ["推进示例。"]


@pytest.mark.parametrize(
    "change",
    [
        '<w:p><w:ins w:author="甲"><w:r><w:t>加的</w:t></w:r></w:ins></w:p>',
        '<w:p><w:del w:author="甲"><w:r><w:delText>删的</w:delText></w:r></w:del></w:p>',
        '<w:p><w:pPr><w:rPr><w:ins w:author="甲"/></w:rPr></w:pPr></w:p>',
        '<w:p><w:moveTo w:author="甲"><w:r><w:t>移的</w:t></w:r></w:moveTo></w:p>',
    ],
)
def test_tracked_changes_refuse_the_file(change: str) -> None:
    with pytest.raises(NoticeRefusedError, match="1 tracked changes by 甲; expected .*接受"):
        read_docx(docx(p("推进示例。") + change))


def test_struck_words_and_large_pictures_are_questions() -> None:
    picture = '<w:drawing><w:extent cx="5000000" cy="9000000"/></w:drawing>'
    small = '<w:drawing><w:extent cx="500000" cy="500000"/></w:drawing>'
    body = p("建成10个。", run="<w:strike/>") + paragraph(run(picture), run(small))
    extraction = read_docx(docx(body))
    assert [(q.kind, q.origin) for q in extraction.questions] == [
        ("struck_through", Origin(paragraph=1)),
        ("image", Origin(paragraph=2)),
    ]
    assert [each.rule for each in extraction.set_aside] == ["small image"]


def test_line_breaks_part_paragraphs_only_where_a_sentence_or_a_number_does() -> None:
    br = run("<w:br/>")
    body = paragraph(t("示例省人民政府"), br, t("关于加快示例工作的通知"))
    body += paragraph(t("推进示例。"), br, t("优化示例："), br, t("1.减少环节"))
    assert texts(body) == [
        "示例省人民政府关于加快示例工作的通知",
        "推进示例。",
        "优化示例：",
        "1.减少环节",
    ]


def test_a_table_keeps_its_columns_and_merged_cells_hand_their_words_down() -> None:
    down, goes_on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    body = p("重点任务分工表") + table(
        tc("序号") + tc("任务") + tc("责任单位", '<w:gridSpan w:val="2"/>'),
        tc("序号", goes_on) + tc("任务", goes_on) + tc("牵头单位") + tc("配合单位"),
        f"<w:tc>{numbered('', 2)}</w:tc>" + tc("建设平台", down) + tc("示例省数据局", down) + tc("/"),
        f"<w:tc>{numbered('', 2)}</w:tc>" + tc("", goes_on) + tc("", goes_on) + tc("示例省财政厅"),
        tc("二、优化服务", '<w:gridSpan w:val="4"/>'),
        f"<w:tc>{numbered('', 2)}</w:tc>" + tc("减少环节") + tc("示例省民政厅") + tc("收入１\ue010２亿元"),
        tc("注：时限为2030年。", '<w:gridSpan w:val="4"/>'),
    )  # fmt: skip
    extraction = read_docx(docx(body, numbering=NUMBERING))
    title, first, group, second, note = extraction.blocks
    assert isinstance(first, Table)
    assert isinstance(second, Table)
    assert first.columns == second.columns == ("序号", "任务", "牵头单位", "配合单位")
    assert [[cell.text for cell in row] for row in (*first.rows, *second.rows)] == [
        ["1.", "建设平台", "示例省数据局", "/"],
        ["2.", "建设平台", "示例省数据局", "示例省财政厅"],
        ["3.", "减少环节", "示例省民政厅", "收入1.2亿元"],
    ]
    assert [[cell.is_inherited for cell in row] for row in first.rows] == [
        [False, False, False, False],
        [False, True, True, False],
    ]
    assert [block.text for block in (title, group, note) if isinstance(block, Paragraph)] == [
        "重点任务分工表",
        "二、优化服务",
        "注：时限为2030年。",
    ]
    (asked,) = extraction.questions
    assert (asked.kind, asked.origin.row, asked.origin.column) == ("private_use_glyph", 6, 4)


def test_a_table_of_one_column_is_a_frame_around_paragraphs() -> None:
    assert texts(table(tc("示例省文件")) + p("推进示例。")) == ["示例省文件", "推进示例。"]


def test_a_table_in_a_cell_is_a_question() -> None:
    inner = f"<w:tc>{table(tc('甲') + tc('乙'))}{p('')}</w:tc>"
    extraction = read_docx(docx(table(tc("任务") + tc("责任单位"), inner + tc("示例省数据局"))))
    assert [(q.kind, q.found) for q in extraction.questions] == [("nested_table", "甲 乙")]


BOMB = '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]>'
OUTSIDE = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"a.txt": "x"}, "damaged"),
        ({"_rels/.rels": RELATIONS}, "damaged"),
        ({"_rels/.rels": RELATIONS, "word/document.xml": "<a>"}, "damaged"),
        ({"_rels/.rels": RELATIONS, "word/document.xml": f"<w:document {W}/>"}, "damaged"),
        ({"_rels/.rels": RELATIONS, "word/document.xml": f"{BOMB}<a>&c;</a>"}, "DOCTYPE"),
        ({"_rels/.rels": RELATIONS, "word/document.xml": f"{OUTSIDE}<a>&b;</a>"}, "DOCTYPE"),
        ({"_rels/.rels": RELATIONS, "word/document.xml": "<a>" * 5000}, "damaged"),
        ({f"{n}": "" for n in range(3001)}, "3001 parts"),
    ],
)
def test_hostile_archives_are_refused(parts: dict[str, str | bytes], words: str) -> None:
    with pytest.raises(NoticeRefusedError, match=words):
        read_docx(archive(parts))


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_BYTES", 1_000_000)
    body = p("示例" * 1_000_000)
    with pytest.raises(NoticeRefusedError, match="unpacks to more than 1000000 bytes"):
        read_docx(docx(body))


def test_a_locked_archive_is_refused() -> None:
    data = bytearray(docx(p("推进示例。")))
    position = data.index(b"PK\x01\x02")
    data[position + 8] |= 1  # the flag of a password, in the list of members
    position = data.index(b"PK\x03\x04")
    data[position + 6] |= 1
    with pytest.raises(NoticeRefusedError, match="password"):
        read_docx(bytes(data))
    assert zipfile.is_zipfile(io.BytesIO(data))
