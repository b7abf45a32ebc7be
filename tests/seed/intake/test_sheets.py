"""CSV and XLSX: named columns, values as the sheet shows them, nothing hidden taken for shown."""

import io
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font

from seed.intake import tables
from seed.intake.blocks import Extraction, Origin, Paragraph, Table
from seed.intake.cell_values import shown
from seed.intake.csv_files import read_csv
from seed.intake.formats import extract
from seed.intake.xlsx import read_xlsx
from seed.refusals import NoticeRefusedError
from tests.support.office_files import archive

HEADER = ("序号", "重点任务", "具体举措", "完成时限", "牵头单位")


def cells(extraction: Extraction) -> list[list[str]]:
    return [
        [cell.text for cell in row]
        for block in extraction.blocks
        if isinstance(block, Table)
        for row in block.rows
    ]


def paragraphs(extraction: Extraction) -> list[str]:
    return [block.text for block in extraction.blocks if isinstance(block, Paragraph)]


CSV = """示例省重点任务清单,,,,
序号,重点任务,具体举措,完成时限,牵头单位
一、建设,,,,
1,建设示例平台,"建成平台3个，
含“备用”平台",6月,示例省数据局
2,,接入,12月,示例省经信厅

注：时限为2030年。,,,,

序号,指标名称,目标值
1,示例指标,10%
"""


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_csv_has_tables_titles_groups_and_notes(encoding: str) -> None:
    extraction = extract(CSV.encode(encoding), "清单.csv")
    assert extraction.format == "csv"
    assert cells(extraction) == [
        ["1", "建设示例平台", "建成平台3个，\n含“备用”平台", "6月", "示例省数据局"],
        ["2", "建设示例平台", "接入", "12月", "示例省经信厅"],
        ["1", "示例指标", "10%"] + ["", ""],
    ]
    assert paragraphs(extraction) == ["示例省重点任务清单", "一、建设", "注：时限为2030年。"]
    first = next(block for block in extraction.blocks if isinstance(block, Table))
    assert first.columns == HEADER
    assert first.rows[1][0].origin == Origin(line=6, row=5, column=1)


def test_rows_below_a_blank_row_go_on_unless_columns_are_named_anew() -> None:
    rows = ["序号,重点任务,牵头单位", "1,建设平台,示例省数据局", "", "2,接入系统,示例省经信厅"]
    rows += ["3,优化服务,示例省财政厅", "", "附表,,", "序号,指标名称,目标值", "1,示例指标,10"]
    extraction = read_csv("\n".join(rows).encode())
    first, title, second = extraction.blocks
    assert isinstance(first, Table)
    assert [row[0].text for row in first.rows] == ["1", "2", "3"]
    assert isinstance(title, Paragraph)
    assert title.text == "附表"
    assert isinstance(second, Table)
    assert second.columns == ("序号", "指标名称", "目标值")


def test_a_header_without_rows_is_not_lost() -> None:
    extraction = read_csv("示例清单,,\n序号,任务名称,牵头单位\n".encode())
    assert paragraphs(extraction) == ["示例清单", "序号 任务名称 牵头单位"]


def test_csv_with_tabs() -> None:
    assert cells(extract(CSV.replace(",", "\t").encode(), "a.tsv"))[1][2] == "接入"


@pytest.mark.parametrize(
    ("text", "words"),
    [('序号,任务\n1,"没有闭合\n', "line 2: no CSV"), ("甲,乙\n" * 150_000, "300000 cells")],
)
def test_csv_that_is_none_is_refused(text: str, words: str) -> None:
    with pytest.raises(NoticeRefusedError, match=words):
        read_csv(text.encode())


def workbook(*rows: tuple[Any, ...]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet
    sheet.title = "任务"
    for row in rows:
        sheet.append(row)
    return book


def saved(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_xlsx_has_merged_cells_titles_and_a_header_of_two_rows() -> None:
    book = workbook(
        ("示例省任务分工表", None, None, None),
        ("序号", "重点任务", "责任单位", None),
        (None, None, "牵头", "配合"),
        (1, "建设平台", "示例省数据局", "示例省财政厅"),
        (2, None, None, "/"),
    )
    sheet = book["任务"]
    for merged in ("A1:D1", "A2:A3", "B2:B3", "C2:D2", "B4:B5", "C4:C5"):
        sheet.merge_cells(merged)
    extraction = extract(saved(book), "任务.xlsx")
    (title, table) = extraction.blocks
    assert isinstance(title, Paragraph)
    assert title.text == "示例省任务分工表"
    assert isinstance(table, Table)
    assert table.columns == ("序号", "重点任务", "牵头", "配合")
    assert [[(c.text, c.is_inherited) for c in row] for row in table.rows][1] == [
        ("2", False),
        ("建设平台", True),
        ("示例省数据局", True),
        ("/", False),
    ]
    assert table.rows[1][3].origin == Origin(sheet="任务", row=5, column=4)


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (0.15, "0%", "15%"),
        (0.155, "0.0%", "15.5%"),
        (1200, "#,##0", "1,200"),
        (1.5, "0.00", "1.50"),
        (1.5, "0.0##", "1.5"),
        (3, '0"家"', "3家"),
        (3, "0万元", "3万元"),
        (2.0, "General", "2"),
        (0.1 + 0.2, "General", "0.3"),
        (datetime(2030, 6, 30), "yyyy/m/d", "2030年6月30日"),  # noqa: DTZ001 (as openpyxl has it)
        (date(2030, 6, 1), 'yyyy"年"m"月"', "2030年6月"),
        (date(2030, 6, 1), "m月", "6月"),
        (None, "General", ""),
        ("=1", "@", "=1"),
        (5, "# ?/?", None),
    ],
)
def test_a_value_is_read_as_it_is_shown(value: object, form: str, text: str | None) -> None:
    found, is_known = shown(value, form)
    assert is_known == (text is not None)
    assert text in {None, found}


def test_what_a_workbook_hides_is_set_aside_and_asked_about() -> None:
    book = workbook(
        ("序号", "任务", "内部意见", "牵头单位"),
        (1, "建设平台", "可以", "示例省数据局"),
        (2, "藏起来的任务", "不行", "示例省经信厅"),
        (3, "划掉的任务", "", "示例省财政厅"),
        (4, "算出来的", "", "=D2"),
    )
    sheet = book["任务"]
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["C"].hidden = True
    sheet["B2"].comment = Comment("请核对", "甲")
    sheet["B4"].font = Font(strike=True)
    other = book.create_sheet("旧稿")
    other.append(("旧的任务",))
    other.sheet_state = "hidden"
    extraction = read_xlsx(saved(book))
    assert cells(extraction) == [
        ["1", "建设平台", "示例省数据局"],
        ["3", "划掉的任务", "示例省财政厅"],
        ["4", "算出来的", ""],
    ]
    assert {(each.rule, each.text) for each in extraction.set_aside} == {
        ("comment", "请核对"),
        ("hidden rows and columns", "内部意见 可以 2 藏起来的任务 不行 示例省经信厅"),
        ("hidden sheet", "旧的任务"),
    }
    assert sorted(asked.kind for asked in extraction.questions) == [
        "empty_cell",
        "formula_without_value",
        "hidden_cells",
        "struck_through",
    ]


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"xl/workbook.xml": "<a/>"}, "damaged"),
        ({"xl/workbook.xml": '<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>'}, "DOCTYPE"),
        ({"xl/workbook.bin": "x"}, "damaged"),
    ],
)
def test_hostile_workbooks_are_refused(parts: dict[str, str | bytes], words: str) -> None:
    with pytest.raises(NoticeRefusedError, match=words):
        extract(archive(parts), "a.xlsx")


def test_a_sheet_that_is_filled_far_out_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    book = workbook(("序号", "任务"))
    book["任务"]["XFD1048576"] = "远处"
    with pytest.raises(NoticeRefusedError, match="1048576 rows and 16384 columns"):
        read_xlsx(saved(book))
    assert tables.MOST_CELLS < 1048576 * 16384
