"""Markdown: its marks go, its tables keep the names of their columns."""

from seed.intake.blocks import Origin, Paragraph, Table
from seed.intake.markdown import read_markdown

NOTICE = r"""# 示例省2030年工作任务清单

为做好**示例工作**，按照[示例方案](https://example.org/a)
的要求，制定本清单。
一、总体要求
- 坚持示例引领。
1\. 推进示例。

|序号|重点任务|具体举措|完成时限|牵头单位|配合单位|
|---|:--|---|---|---|--:|
|1|建设示例平台（2 项）|建成平台3 个\|含备用|6 月|示例省数据局|/|
|2||接入系统|12 月|||
|序号|重点任务|具体举措|完成时限|牵头单位|配合单位|
|3|优化示例服务|减少环节|12 月|示例省财政厅|示例省数据局|
|注：时限为2030年。||||||

附则
"""


def test_paragraphs_without_the_marks() -> None:
    blocks = read_markdown(NOTICE.encode()).blocks
    assert [block.text for block in blocks if isinstance(block, Paragraph)] == [
        "示例省2030年工作任务清单",
        "为做好示例工作，按照示例方案的要求，制定本清单。",
        "一、总体要求",
        "坚持示例引领。",
        "1. 推进示例。",
        "注：时限为2030年。",
        "附则",
    ]


def test_a_table_has_named_columns_and_a_group_column_hands_its_words_down() -> None:
    extraction = read_markdown(NOTICE.encode())
    table = next(block for block in extraction.blocks if isinstance(block, Table))
    assert table.columns == ("序号", "重点任务", "具体举措", "完成时限", "牵头单位", "配合单位")
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["1", "建设示例平台（2项）", "建成平台3个|含备用", "6月", "示例省数据局", "/"],
        ["2", "建设示例平台（2项）", "接入系统", "12月", "", ""],
        ["3", "优化示例服务", "减少环节", "12月", "示例省财政厅", "示例省数据局"],
    ]
    inherited = [cell for row in table.rows for cell in row if cell.is_inherited]
    assert [cell.origin for cell in inherited] == [Origin(line=12, table=1, row=4, column=2)]
    assert [each.rule for each in extraction.set_aside] == ["repeated header"]


def test_an_empty_cell_of_who_leads_is_a_question_and_one_of_who_supports_is_not() -> None:
    (asked,) = read_markdown(NOTICE.encode()).questions
    assert (asked.kind, asked.found) == ("empty_cell", "牵头单位: empty in 1 of 3 rows")


def test_wrapped_lines_are_joined_as_in_text() -> None:
    line = "推进全省一体化平台建设和应用推广工作，加快形成上下贯通的省级统筹服务体系"
    printed = [(f"（{number}）{line[3:]}", line, "推进。") for number in "一二三"]
    blocks = read_markdown("\n".join(each for lines in printed for each in lines).encode()).blocks
    texts = [block.text for block in blocks if isinstance(block, Paragraph)]
    assert texts == ["".join(lines) for lines in printed]


def test_a_bar_in_a_sentence_makes_no_table() -> None:
    blocks = read_markdown("推进A|B示例\n\n---\n".encode()).blocks
    assert not any(isinstance(block, Table) for block in blocks)
