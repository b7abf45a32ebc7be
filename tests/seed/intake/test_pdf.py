"""PDF: what a page prints is what is read, each word with its page and box."""

import pytest

from seed.intake.blocks import Paragraph, Table
from seed.intake.pdf import read_pdf
from seed.refusals import NoticeRefusedError
from tests.support.pdf_files import Fill, Item, Picture, Rule, Text, grid, pdf

LEFT, SIZE, LINE = 90.0, 16.0, 28.0
FULL = 26  # characters in a line


def printed(paragraphs: list[str], top: float = 120.0) -> list[Item]:
    """Paragraphs as a page prints them: two characters in, broken at the right margin."""
    items: list[Item] = []
    for paragraph in paragraphs:
        indent, rest = 2, paragraph
        while rest:
            length = FULL - indent
            items.append(Text(LEFT + indent * SIZE, top, rest[:length], SIZE))
            rest, indent = rest[length:], 0
            top += LINE
    return items


def number(page: int) -> Text:
    return Text(280, 780, f"— {page} —", 14)


LONG = "（一）推进示例应用。支持各市建设示例中心，每年遴选１０个项目，推动示例产业发展，形成示例生态，加快示例建设。"
NEXT = "（二）推进示例建设。到２０３０年，示例产业收入超１\ue010２万亿元。（责任单位：示例省经信厅、示例省财政厅）"
HEAD = Text(240, 60, "示例公报", 12)


def test_wrapped_lines_are_joined_over_a_page_and_its_number() -> None:
    first, second = printed([LONG, NEXT])[:4], printed([LONG, NEXT])[4:]
    assert len(second) == 2
    moved = [Text(t.left, t.top - 112, t.text, t.size) for t in second if isinstance(t, Text)]
    extraction = read_pdf(pdf([*first, number(1)], [*moved, number(2)]))
    assert extraction.text.splitlines() == [
        LONG.replace("１０", "10"),
        NEXT.replace("２０３０", "2030").replace("１\ue010２", "1.2"),
    ]
    assert [each.rule for each in extraction.set_aside] == ["page number", "page number"]
    (asked,) = extraction.questions
    assert (asked.kind, asked.proposal, asked.origin.page) == ("private_use_glyph", ".", 2)
    paragraph = extraction.blocks[1]
    assert isinstance(paragraph, Paragraph)
    assert asked.start == paragraph.text.index("1.2") + 1
    last = paragraph.origin_at(len(paragraph.text) - 1)
    assert (last.page, last.line) == (2, 2)
    assert last.box
    assert last.box[0] == LEFT


def test_a_short_line_ends_a_paragraph_and_an_indented_one_begins_one() -> None:
    paragraphs = [
        "一、示例目标",
        "示例一" * 20 + "。",
        "没有标点而占满一行的段落" * 2,
        "第二段示例。",
    ]
    assert read_pdf(pdf(printed(paragraphs))).text.splitlines() == paragraphs


def test_what_hangs_below_its_first_line_or_is_centred_goes_on() -> None:
    page = [
        *printed([LONG]),
        Text(LEFT, 300, "各市、县（市、区）科技、发展改革、能源、人才、网信、金融", SIZE),
        Text(200, 328, "工作、经信、教育等示例部门：", SIZE),
        Text(LEFT, 400, "抄送：示例省委各部门，示例省人大常委会、示例省政协办公厅，", SIZE),
        Text(LEFT + 3 * SIZE, 428, "示例省监察委员会。", SIZE),
    ]
    assert read_pdf(pdf(page)).text.splitlines()[1:] == [
        "各市、县（市、区）科技、发展改革、能源、人才、网信、金融工作、经信、教育等示例部门：",
        "抄送：示例省委各部门，示例省人大常委会、示例省政协办公厅，示例省监察委员会。",
    ]


def test_titles_on_several_lines_are_one_paragraph() -> None:
    page = [
        Text(150, 140, "示例省数据局关于印发《加快", 22),
        Text(150, 172, "示例建设实施方案》的通知", 22),
        Text(LEFT, 230, "各市、县（市、区）数据部门：", 16),
        *printed([LONG], 260),
    ]
    assert read_pdf(pdf(page)).text.splitlines()[:2] == [
        "示例省数据局关于印发《加快示例建设实施方案》的通知",
        "各市、县（市、区）数据部门：",
    ]


def test_headers_that_pages_repeat_are_set_aside_and_a_number_in_the_text_is_not() -> None:
    pages = [
        [HEAD, *printed([f"（{n}）推进第{n}项。", "120"]), number(i)]
        for i, n in enumerate("一二三")
    ]
    extraction = read_pdf(pdf(*pages))
    assert extraction.text.splitlines() == [
        text for n in "一二三" for text in (f"（{n}）推进第{n}项。", "120")
    ]
    assert [each.text for each in extraction.set_aside if each.rule == "repeated header"] == [
        "示例公报"
    ] * 3


def test_pages_are_chosen() -> None:
    data = pdf(*[printed([f"第{n}页的示例工作内容说明。"]) for n in "一二三四"])
    assert read_pdf(data, (2, 3)).text == "第二页的示例工作内容说明。\n第三页的示例工作内容说明。\n"
    with pytest.raises(NoticeRefusedError, match="pages between 1 and 4"):
        read_pdf(data, (3, 9))


def test_what_a_reader_of_the_page_does_not_see_is_set_aside() -> None:
    page = [
        *printed(["（一）推进示例工作，加快示例建设。"]),
        Text(100, 300, "白色文字", color="1 g"),
        Text(300, 500, "内部资料", turned=True),
        Text(-200, 300, "页外文字"),
        Fill(90, 380, 400, 30),
        Text(100, 400, "深底白字", color="1 g"),
    ]
    extraction = read_pdf(pdf(page))
    assert extraction.text.splitlines() == ["（一）推进示例工作，加快示例建设。", "深底白字"]
    assert {(each.rule, each.text) for each in extraction.set_aside} == {
        ("white text", "白色文字"),
        ("rotated text", "内部资料"),
        ("outside the page", "页外文字"),
    }


def test_annotations_are_set_aside() -> None:
    words = ("\ufeff请核对").encode("utf-16-be").hex().encode()
    note = b"/Annots [<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /Contents <%s> >>]" % words
    data = pdf(printed([LONG])).replace(b"/Resources", note + b" /Resources")
    extraction = read_pdf(data)
    assert [(each.rule, each.text) for each in extraction.set_aside] == [("annotation", "请核对")]
    assert len(extraction.blocks) == 1


def test_a_page_that_is_a_picture_is_a_question_and_a_letterhead_is_set_aside() -> None:
    text = printed(["（一）推进示例工作，加快示例建设。"])
    whole = Picture(0, 0, 595, 842)
    data = pdf([Picture(80, 40, 400, 50), *text], [whole], text, [whole, *text], [whole, *text])
    extraction = read_pdf(data)
    assert [(q.kind, q.found, q.origin.page) for q in extraction.questions] == [
        ("image", "large images without text, page 2", 2),
        ("image", "large images beside or under the text, page 4, 5", 4),
    ]
    assert [each.rule for each in extraction.set_aside] == ["small image"]


UNNAMED = pdf(printed([LONG])).replace(b"/ToUnicode 6 0 R", b"")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (pdf([Picture(0, 0, 595, 842)]), "a scan; expected a PDF with text"),
        (pdf([]), "a scan; expected a PDF with text"),
        (UNNAMED, "54 of 54 characters that their fonts do not name; expected a PDF with text"),
        (b"%PDF-1.4\nnothing of the kind", "a PDF that cannot be read"),
        (pdf(printed([LONG]))[:700], "a PDF that cannot be read"),
    ],
)
def test_what_holds_no_text_is_refused_with_what_to_do(data: bytes, words: str) -> None:
    with pytest.raises(NoticeRefusedError) as refused:
        read_pdf(data)
    assert words in str(refused.value)


LEFTS = (90, 130, 330, 430, 510)


def row(top: float, *texts: str) -> list[Item]:
    return [
        Text(left + 3, top + 16 + 14 * line, part, 12)
        for left, text in zip(LEFTS, texts, strict=False)
        for line, part in enumerate(text.split("\n"))
        if part
    ]


HEADER = ("序号", "重点任务", "牵头单位", "完成时限")


def test_a_table_goes_on_over_a_page_with_its_header_and_a_row_that_was_parted() -> None:
    tops = (140, 170, 220, 270)
    pages: list[list[Item]] = [
        [
            Text(200, 100, "重点任务清单", 18),
            *grid(LEFTS, tops),
            *row(140, *HEADER),
            *row(170, "1", "建设示例平台，\n完善功能", "示例省数据局", "6 月"),
            *row(220, "2", "推进示例应用，", "示例省经信厅", "12 月"),
        ],
        [
            *grid(LEFTS, tops),
            *row(140, *HEADER),
            *row(170, "", "打造示例场景。"),
            *row(220, "3", "优化示例服务", "示例省财政厅", "12 月"),
            Text(93, 300, "注：时限为2030年。", 12),
        ],
    ]
    extraction = read_pdf(pdf(*pages))
    title, table, note = extraction.blocks
    assert isinstance(title, Paragraph)
    assert title.text == "重点任务清单"
    assert isinstance(table, Table)
    assert table.columns == HEADER
    assert [[cell.text for cell in cells] for cells in table.rows] == [
        ["1", "建设示例平台，完善功能", "示例省数据局", "6月"],
        ["2", "推进示例应用，打造示例场景。", "示例省经信厅", "12月"],
        ["3", "优化示例服务", "示例省财政厅", "12月"],
    ]
    assert [row[0].origin.page for row in table.rows] == [1, 1, 2]
    assert [each.rule for each in extraction.set_aside] == ["repeated header"]
    assert isinstance(note, Paragraph)
    assert note.text == "注：时限为2030年。"
    assert not extraction.questions


@pytest.mark.parametrize(
    ("above", "below", "rows", "asked"),
    [
        (("2", "推进示例应用，"), ("", "打造场景。"), ["推进示例应用，打造场景。"], []),
        (("", "推进示例应用，"), ("2", "打造场景。"), ["推进示例应用，打造场景。"], []),
        (("2", "推进应用。"), ("", "打造场景。"), ["推进应用。", "打造场景。"], ["row_over_pages"]),
        (("2", "推进应用，"), ("3", "打造场景。"), ["推进应用，", "打造场景。"], []),
    ],
)
def test_a_row_that_a_page_break_parts_is_joined_or_asked_about(
    above: tuple[str, str], below: tuple[str, str], rows: list[str], asked: list[str]
) -> None:
    pages: list[list[Item]] = [
        [
            *grid(LEFTS, (700, 730, 760)),
            *row(700, *HEADER),
            *row(730, *above, "示例省经信厅", "12月"),
        ],
        [*grid(LEFTS, (100, 130, 160)), *row(100, *HEADER), *row(130, *below, "", "")],
    ]
    extraction = read_pdf(pdf(*pages))
    (table,) = extraction.blocks
    assert isinstance(table, Table)
    assert [cells[1].text for cells in table.rows] == rows
    assert [q.kind for q in extraction.questions if q.kind != "empty_cell"] == asked


def test_a_merged_cell_hands_its_words_to_each_row_and_says_so() -> None:
    tops = (140, 170, 220, 270)
    lines = [line for line in grid(LEFTS, tops) if not (line.top == line.bottom == 220)]
    lines += [Rule(90, 220, 330, 220), Rule(430, 220, 510, 220)]  # 牵头单位 is one cell in two rows
    page: list[Item] = [
        *lines,
        *row(140, *HEADER),
        *row(170, "1", "建设示例平台", "示例省数据局", "6 月"),
        *row(220, "2", "推进示例应用", "", "12 月"),
    ]
    (table,) = read_pdf(pdf(page)).blocks
    assert isinstance(table, Table)
    assert [(r[2].text, r[2].is_inherited) for r in table.rows] == [
        ("示例省数据局", False),
        ("示例省数据局", True),
    ]


TOPS = (140, 170, 220, 270)
ROWS: list[Item] = [
    *row(140, *HEADER),
    *row(170, "1", "建设示例平台，\n完善功能", "示例省数据局", "6 月"),
    *row(220, "2", "推进示例应用", "示例省经信厅", "12 月"),
]
ACROSS: list[Item] = [Rule(90, top, 510, top) for top in TOPS]
CELLS = [
    ["1", "建设示例平台，完善功能", "示例省数据局", "6月"],
    ["2", "推进示例应用", "示例省经信厅", "12月"],
]


@pytest.mark.parametrize("inside", [LEFTS[1:4], ()], ids=["open sides", "no vertical lines"])
def test_a_table_whose_vertical_lines_are_missing_is_read(inside: tuple[int, ...]) -> None:
    page = [*ROWS, *ACROSS, *(Rule(left, 140, left, 270) for left in inside)]
    (table,) = read_pdf(pdf(page)).blocks
    assert isinstance(table, Table)
    assert table.columns == HEADER
    assert [[cell.text for cell in cells] for cells in table.rows] == CELLS


def test_a_table_without_lines_is_one_only_where_each_row_is_a_line() -> None:
    plain = [item for item in ROWS if item != Text(133, 200, "完善功能", 12)]
    assert len(plain) == len(ROWS) - 1
    (table,) = read_pdf(pdf(plain)).blocks
    assert isinstance(table, Table)
    assert [[cell.text for cell in cells] for cells in table.rows] == [
        ["1", "建设示例平台，", "示例省数据局", "6月"],
        CELLS[1],
    ]
    assert all(isinstance(block, Paragraph) for block in read_pdf(pdf(ROWS)).blocks)
    three_lines = [*ROWS, *(Rule(90, top, 510, top) for top in (140, 170, 270))]
    assert all(isinstance(block, Paragraph) for block in read_pdf(pdf(three_lines)).blocks)
