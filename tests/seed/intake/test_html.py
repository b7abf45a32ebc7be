"""Web pages: the article and all of it, without the site around it."""

import pytest

from seed.intake.blocks import Paragraph, Table
from seed.intake.formats import extract
from seed.intake.html import read_html
from seed.refusals import NoticeRefusedError

SENTENCES = [
    "为贯彻落实示例省委、示例省政府关于示例工作的决策部署，制定本方案。",
    "一、总体目标",
    "到2030年，建成示例平台10个以上，示例产业规模突破100亿元，形成示例格局。",
    "（一）推进示例应用。支持各市建设示例中心，每年遴选示例项目10个。（责任单位：示例省经信厅）",
]
CHROME = """<ul><li><a href="/">首页</a></li><li><a href="/a">政务公开与政策文件</a></li></ul>
<div>当前位置：<a>首页</a> &gt; <a>政策文件</a></div>"""
FOOTER = """<div class="footer"><p>版权所有：示例省人民政府办公厅 备案序号：示ICP备00000001号。未经授权，不得转载本网站内容。</p>
<p><a>关于我们</a><a>网站声明</a></p></div>"""


def page(article: str, above: str = "", title: str = "") -> str:
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title}</title></head><body>"
        f"{CHROME}<div class='main'>{above}<div class='content'>{article}</div></div>{FOOTER}"
        "<script>var a = '脚本里的字。';</script></body></html>"
    )


def p(*texts: str) -> str:
    return "".join(f"<p>\n　　{text}\n</p>" for text in texts)


def paragraphs(html: str) -> list[str]:
    blocks = read_html(html.encode()).blocks
    return [block.text for block in blocks if isinstance(block, Paragraph)]


def test_the_article_is_read_and_the_site_around_it_set_aside() -> None:
    extraction = extract(page(p(*SENTENCES)).encode(), "a.html")
    assert extraction.format == "html"
    assert extraction.text.splitlines() == SENTENCES
    (aside,) = extraction.set_aside
    assert aside.rule == "outside the article"
    assert "首页 | 政务公开与政策文件" in aside.text
    assert "备案序号" in aside.text
    assert "脚本" not in aside.text


def test_title_and_number_above_the_article_belong_to_it() -> None:
    above = (
        "<h1>示例省人民政府关于推进示例工作的意见</h1><div>示政发〔2030〕7号</div>"
        "<div>发布时间：2030-01-02 来源：示例省政府办公厅 浏览次数：17</div>"
    )
    assert paragraphs(page(p(*SENTENCES), above))[:3] == [
        "示例省人民政府关于推进示例工作的意见",
        "示政发〔2030〕7号",
        SENTENCES[0],
    ]
    repeated = p("示例省人民政府关于推进<br>示例工作的意见", *SENTENCES)
    assert paragraphs(page(repeated, above))[:2] == [
        "示政发〔2030〕7号",
        "示例省人民政府关于推进示例工作的意见",
    ]


def test_a_table_of_labels_is_no_table_of_tasks() -> None:
    labels = (
        "<table><tr><td>索引号：</td><td>1/2030</td><td>发文单位：</td><td>示例省政府</td></tr>"
    )
    labels += "<tr><td>名称：</td><td>示例</td><td>成文时间：</td><td>2030年</td></tr></table>"
    assert not any(
        isinstance(b, Table) for b in read_html(page(labels + p(*SENTENCES)).encode()).blocks
    )


def test_sentences_in_two_elements_are_both_read() -> None:
    half = f"<div>{p(*SENTENCES)}</div><div>{p('各市要加强组织领导，确保示例工作取得实效，按时报告进展。')}</div>"
    assert len(paragraphs(page(half))) == 5


def test_an_article_in_what_calls_itself_a_frame_loses_nothing() -> None:
    more = [f"（{n}）推进示例应用，支持各市建设示例中心，加快示例建设。" for n in "二三四五六"]
    inside = f"<div class='main-nav'>{p(*SENTENCES, *more)}</div>"
    assert {*SENTENCES, *more} <= {*paragraphs(page(inside))}


def test_an_article_in_a_layout_table_or_parted_by_breaks_is_read() -> None:
    layout = f"<table><tr><td>{'<br><br>'.join(SENTENCES)}</td></tr></table>"
    assert paragraphs(page(layout)) == SENTENCES


def test_ordered_lists_show_their_numbers() -> None:
    items = "<ol start='3'><li>建设示例平台。</li><li value='7'><p>推进示例。</p></li><li>8.减少环节</li></ol>"
    assert paragraphs(page(p(*SENTENCES) + items))[4:] == [
        "3. 建设示例平台。",
        "7.",
        "推进示例。",
        "8.减少环节",
    ]


def test_hidden_words_are_set_aside_and_struck_ones_and_pictures_asked_about() -> None:
    article = (
        p(*SENTENCES)
        + "<p style='display: none'>藏起来的话。</p><p>建成<del>10</del>20个。</p>"
        + "<img src='a.png'><img src='icon.png' width='16'><a href='x.docx?1'>附件1</a>"
    )
    extraction = read_html(page(article).encode())
    assert extraction.text.splitlines()[4:] == ["建成1020个。", "附件1"]
    assert {(each.rule, each.text) for each in extraction.set_aside[:2]} == {
        ("hidden text", "藏起来的话。"),
        ("attachment", "附件1 x.docx?1"),
    }
    assert [(q.kind, q.found) for q in extraction.questions] == [
        ("struck_through", "10"),
        ("image", "1 pictures in the article, such as a.png"),
    ]


def test_a_table_has_named_columns_and_merged_cells() -> None:
    table = """<table><tr><th>序号</th><th>重点任务</th><th>牵头单位</th></tr>
    <tr><td>1</td><td>建设平台</td><td rowspan="2">示例省数据局</td></tr>
    <tr><td>2</td><td><p>接入系统</p><p>优化服务</p></td></tr>
    <tr><td colspan="3">注：时限为2030年。</td></tr></table>"""
    extraction = read_html(page(p(*SENTENCES) + table).encode())
    found, note = extraction.blocks[4:]
    assert isinstance(found, Table)
    assert found.columns == ("序号", "重点任务", "牵头单位")
    assert [[(cell.text, cell.is_inherited) for cell in row] for row in found.rows] == [
        [("1", False), ("建设平台", False), ("示例省数据局", False)],
        [("2", False), ("接入系统\n优化服务", False), ("示例省数据局", True)],
    ]
    assert isinstance(note, Paragraph)
    assert note.text == "注：时限为2030年。"


@pytest.mark.parametrize("charset", ["gb2312", "utf-8"])
def test_the_bytes_decide_the_encoding(charset: str) -> None:
    html = page(p(*SENTENCES)).replace("utf-8", charset)
    for encoding in ("utf-8", "gb18030"):
        extraction = read_html(html.encode(encoding))
        assert extraction.encoding == encoding
        assert extraction.text.splitlines() == SENTENCES


def test_a_page_in_utf_16_is_a_page() -> None:
    extraction = extract(page(p(*SENTENCES)).encode("utf-16"), "a.txt")
    assert (extraction.format, extraction.encoding) == ("html", "utf-16-le")
    assert extraction.text.splitlines() == SENTENCES


def test_what_a_page_declares_counts_where_its_bytes_prove_nothing() -> None:
    words = "示例縣政府關於運輸與發展的意見，請認真貫徹，並於年底前報告進展情況，確保實效。"
    html = f"<html><head><meta charset='utf-8'></head><body><p>{words}</p></body></html>"
    assert read_html(html.replace("utf-8", "big5").encode("big5")).encoding == "big5"
    with pytest.raises(NoticeRefusedError, match="GB18030"):
        read_html(html.encode("big5"))


@pytest.mark.parametrize(
    ("html", "words"),
    [
        (page(""), "a script or a frame loads it"),
        ("<html><frameset><frame src='a.html'></frameset></html>", "a script or a frame"),
        (page("<div>" * 5000 + "".join(SENTENCES)), "nested too deep"),
    ],
)
def test_a_page_without_an_article_is_refused(html: str, words: str) -> None:
    with pytest.raises(NoticeRefusedError, match=words):
        read_html(html.encode())


def test_entities_of_a_page_read_no_file() -> None:
    html = page(p(*SENTENCES, "&b;")).replace(
        "<!DOCTYPE html>", '<!DOCTYPE html [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
    )
    assert "root:" not in str(read_html(html.encode()))
