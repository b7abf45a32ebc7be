"""Tables for people and for programs: XLSX and CSV."""

import csv
import io
import json
import re
import zipfile
from datetime import datetime, timedelta, timezone
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from starlette.testclient import TestClient

from app.enums import TableHeader
from app.formats.xlsx import LONGEST_CELL, workbook_of
from app.kinds.platform import PLATFORM
from tests.api.downloads import DOWNLOAD, XLSX
from tests.api.downloads.workbooks import as_text, sheets
from tests.support import PLAN

SHEETS = ["plan", "section", "task", "group", "assignment", "target", "agency", "platform", "jurisdiction",
          "report", "measurement", "milestone", "assessment", "bulletin",
          "error_report"]  # fmt: skip


def test_a_workbook_for_programs_has_the_cells_of_csv(
    client: TestClient, whole: dict[str, Any]
) -> None:
    answer = client.get(f"{DOWNLOAD}?format=xlsx&header=names")
    assert answer.headers["content-type"] == XLSX
    assert answer.headers["content-disposition"] == f'attachment; filename="{PLAN}.xlsx"'
    read = sheets(answer.content)
    assert list(read) == SHEETS
    tasks = {row["id"]: row for row in [*read["task"], *read["group"]]}
    listed = client.get("/v1/tasks?format=csv").text.removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(listed, newline="")))
    assert {row["id"] for row in rows} == tasks.keys()
    for cells in rows:
        assert {name: as_text(value) for name, value in tasks[cells["id"]].items()} == cells
    figures = {row["id"]: row["value"] for row in read["target"]}
    assert figures["gd-dg-2022-t17.2-k3"] == 2_000_000


def test_items_that_only_group_tasks_are_not_among_the_tasks_of_a_workbook(
    client: TestClient, whole: dict[str, Any]
) -> None:
    read = sheets(client.get(f"{DOWNLOAD}?format=xlsx&header=names").content)
    leaves = [task["id"] for task in whole["tasks"] if task["is_leaf"]]
    groups = [task["id"] for task in whole["tasks"] if not task["is_leaf"]]
    assert [row["id"] for row in read["task"]] == leaves
    assert [row["id"] for row in read["group"]] == groups
    assert (len(leaves), len(groups)) == (66, 10)


@pytest.mark.parametrize("path", [DOWNLOAD, "/v1/tasks"])
def test_a_workbook_has_a_row_for_each_assignment(
    client: TestClient, whole: dict[str, Any], path: str
) -> None:
    rows = sheets(client.get(f"{path}?format=xlsx&header=names").content)["assignment"]
    expected = [
        (task["id"], one["agency"]["id"], one["role"], one["role_label"], one["as_written"])
        for task in whole["tasks"]
        for one in task["assignments"]
    ]
    members = ("task_id", "agency_id", "role", "role_label", "as_written")
    assert [tuple(row[member] for member in members) for row in rows] == expected
    assert len(rows) == 86


def test_a_workbook_for_people_can_be_sent_on_as_it_is(client: TestClient) -> None:
    answer = client.get(f"{DOWNLOAD}?format=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames[:6] == ["工作要点", "部分", "任务", "事项", "分工", "目标"]
    for sheet in book.worksheets:
        titles = [cell.value for cell in sheet[1]]
        assert len(set(titles)) == len(titles), sheet.title  # or a pivot table refuses it
        assert all(re.search("[\u4e00-\u9fff]", str(title)) for title in titles), sheet.title
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref.startswith("A1:")
        assert sheet.print_title_rows == "$1:$1"
        widths = [
            sheet.column_dimensions[get_column_letter(place)].width
            for place in range(1, len(titles) + 1)
        ]
        assert min(widths) >= 8
    read = sheets(answer.content)
    assert read["工作要点"][0]["发文日期"] == datetime(2022, 2, 28)  # noqa: DTZ001 - a day
    target = next(row for row in read["目标"] if row["编号"] == "gd-dg-2022-t17.2-k3")
    assert (target["类别"], target["比较"], target["期限依据"]) == ("数量", "超过", "计划期末")
    assert target["期限"] == datetime(2022, 12, 31)  # noqa: DTZ001 - a day
    task = read["任务"][0]
    assert (task["独立任务"], task["进展"]) == ("是", "未报告")


def test_moments_are_by_the_clock_in_china_for_people_and_in_utc_for_programs(
    client: TestClient, whole: dict[str, Any]
) -> None:
    moment = datetime.fromisoformat(whole["plan"]["changed_at"])
    china = moment.astimezone(timezone(timedelta(hours=8)))
    for header, name, expected in (
        ("names", "changed_at", moment),
        ("labels", "变更时间（北京时间）", china),
    ):
        path = f"{DOWNLOAD}?format=xlsx&header={header}"
        row = next(iter(sheets(client.get(path).content).values()))[0]
        assert row[name] == expected.replace(tzinfo=None)
        text = client.get(f"/v1/plans?format=csv&header={header}").text.removeprefix("\ufeff")
        cells = next(csv.DictReader(io.StringIO(text, newline="")))
        written = "%Y-%m-%dT%H:%M:%SZ" if header == "names" else "%Y-%m-%d %H:%M:%S"
        assert cells[name] == expected.strftime(written)


def test_a_plan_as_csv_is_a_zip_with_a_table_for_each_sheet(client: TestClient) -> None:
    answer = client.get(f"{DOWNLOAD}?format=csv")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == f'attachment; filename="{PLAN}.zip"'
    assert client.get(DOWNLOAD, headers={"Accept": "application/zip"}).content == answer.content
    workbook = sheets(client.get(f"{DOWNLOAD}?format=xlsx&header=names").content)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert packed.testzip() is None
        texts = {name: packed.read(name).decode() for name in packed.namelist()}
    assert list(texts)[:5] == [
        "plans.csv",
        "sections.csv",
        "tasks.csv",
        "groups.csv",
        "assignments.csv",
    ]
    for (name, text), rows in zip(texts.items(), workbook.values(), strict=True):
        assert text.startswith("\ufeff"), name
        cells = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
        assert cells == [{key: as_text(value) for key, value in row.items()} for row in rows]


def test_every_label_of_a_table_for_people_is_chinese(client: TestClient) -> None:
    """Latin letters stand only in names that have no Chinese form."""
    workbook = client.get(f"{DOWNLOAD}?format=xlsx&header=labels").content
    for sheet in openpyxl.load_workbook(io.BytesIO(workbook)):
        for heading in (str(cell.value) for cell in sheet[1]):
            assert re.fullmatch("[\u4e00-\u9fff（）]+", re.sub("SHA-256| ", "", heading)), sheet


def test_a_table_has_one_header_row_of_names_or_of_labels(client: TestClient) -> None:
    def head(query: str) -> list[str]:
        text = client.get(f"/v1/tasks?format=csv&limit=2{query}").text.removeprefix("\ufeff")
        return next(csv.reader(io.StringIO(text, newline="")))

    assert head("")[:5] == head("&header=names")[:5] == ["id", "plan", "code", "label", "level"]
    assert head("&header=labels")[:5] == ["编号", "工作要点", "序号", "原文序号", "层级"]
    assert head("&header=labels&lang=zh-Hant")[1] == "工作要點"
    whole = client.get("/v1/tasks?format=csv&header=labels").text.splitlines()
    assert whole[0].split(",")[4] == "层级"
    hant = sheets(client.get("/v1/tasks?format=xlsx&lang=zh-Hant").content)
    assert list(hant) == ["任務", "分工"]
    assert "牽頭單位" in hant["任務"][0]


@pytest.mark.parametrize("path", ["/v1/tasks", DOWNLOAD])
@pytest.mark.parametrize("query", ["", "&format=ndjson"])
def test_what_is_no_table_has_no_header(client: TestClient, path: str, query: str) -> None:
    answer = client.get(f"{path}?header=labels{query}")
    assert answer.status_code == 422
    assert [error["name"] for error in answer.json()["errors"]] == ["header"]
    assert client.get(f"{path}?format=csv&header=Labels").status_code == 422


def test_a_header_changes_no_cursor(client: TestClient) -> None:
    first = client.get("/v1/tasks?limit=2").json()
    page = client.get(f"/v1/tasks?limit=2&cursor={first['page']['next']}&format=csv&header=labels")
    assert page.status_code == 200


def test_a_sheet_that_is_full_goes_on_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.formats.xlsx.MOST_ROWS", 2)
    fields = {"kind": "platform", "kind_label": "平台", "mentions": 3, "tasks_total": 0, "tasks": [], "version": 1,
              "is_example": False, "changed_at": "2026-01-02T03:04:05Z", "name": "x"}  # fmt: skip
    documents = [json.dumps({**fields, "id": str(number)}) for number in range(5)]
    read = sheets(platforms(documents))
    assert list(read) == ["platform", "platform 2", "platform 3"]
    assert [row["id"] for rows in read.values() for row in rows] == ["0", "1", "2", "3", "4"]


def platforms(documents: list[str]) -> bytes:
    tables = {"platform": PLATFORM.table}
    return workbook_of(TableHeader.NAMES, tables, {"platform": documents}, "zh-Hans")


def test_lists_come_as_xlsx_whole_or_a_page(client: TestClient) -> None:
    whole = client.get("/v1/targets?format=xlsx")
    assert len(sheets(whole.content)["目标"]) == 18
    assert whole.headers["content-length"] == str(len(whole.content))
    again = client.get("/v1/targets", headers={"Accept": XLSX})
    assert again.content == whole.content
    assert again.headers["etag"] == whole.headers["etag"]
    page = client.get("/v1/targets?format=xlsx&limit=2&kind=quantitative&lang=zh-Hant")
    assert page.headers["content-language"] == "zh-Hant"
    rows = sheets(page.content)["目標"]
    same = client.get("/v1/targets?limit=2&kind=quantitative&lang=zh-Hant").json()["data"]
    assert [row["原文"] for row in rows] == [target["statement"] for target in same]
    hant = sheets(client.get("/v1/targets?format=xlsx&lang=zh-Hant").content)["目標"]
    assert [row["原文"] for row in hant if row["編號"] == same[0]["id"]] == [same[0]["statement"]]


@pytest.mark.parametrize(
    "path", ["/v1/tasks?format=xlsx", "/v1/tasks?format=xlsx&limit=1000",
             f"/v1/plans/{PLAN}/download?format=xlsx"],
)  # fmt: skip
def test_a_workbook_parses_each_document_once(
    uncached: TestClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Also one with rows in several sheets, as each task has."""
    parsed: list[str] = []

    class Counting:
        @staticmethod
        def loads(text: str) -> Any:
            parsed.append(text)
            return json.loads(text)

    monkeypatch.setattr("app.formats.xlsx.json", Counting)
    assert uncached.get(path).status_code == 200
    tasks = {one["id"] for one in uncached.get("/v1/tasks?limit=1000").json()["data"]}
    ids = [json.loads(text)["id"] for text in parsed]
    assert tasks <= set(ids)
    assert len(set(ids)) == len(ids)


def test_a_cell_holds_text_and_never_a_formula_or_a_link() -> None:
    words = ["=1+1", "@x", "https://example.org/", "\u4e00" * 40_000, "1e999", "２０２２"]
    fields = {"id": "p", "kind": "platform", "kind_label": "平台", "mentions": 3, "tasks_total": 0, "tasks": [],
              "version": 1, "is_example": False, "changed_at": "2026-01-02T03:04:05Z"}  # fmt: skip
    documents = [json.dumps({**fields, "name": word}) for word in words]
    book = openpyxl.load_workbook(io.BytesIO(platforms(documents)))
    cells = [row[1] for row in book["platform"].iter_rows(min_row=2)]
    assert [cell.data_type for cell in cells] == ["s"] * len(words)
    assert all(cell.hyperlink is None for cell in cells)
    given = [str(cell.value) for cell in cells]
    assert given[:3] + given[4:] == words[:3] + words[4:]
    assert given[3] == "\u4e00" * (LONGEST_CELL - 1) + "…"
