"""A whole plan in one file, in each format: the same data, for other programs."""

import csv
import io
import json
import re
import zipfile
from datetime import datetime, time, timedelta, timezone
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter
from starlette.testclient import TestClient

from app.enums import TableHeader
from app.formats.xlsx import LONGEST_CELL, workbook_of
from app.kinds.platform import PLATFORM
from app.main import create_app
from app.resources.plans.markdown import escaped
from app.resources.plans.stratml import NAMESPACE, decimal
from app.settings import Settings
from tests.support import EPOCH, PLAN
from tests.support.practice import practising
from tests.support.statements import selects

DOWNLOAD = f"/v1/plans/{PLAN}/download"
PARTS = ["jurisdictions", "sections", "agencies", "platforms", "tasks", "targets", "reports", "measurements",
         "milestones", "assessments", "bulletins", "error_reports"]  # fmt: skip
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# The order of the schema PerformancePlanOrReport of 2016-02-16, as far as it is used.
STRATML_ORDER = {
    "PerformancePlanOrReport": "Name Description OtherInformation StrategicPlanCore"
    " AdministrativeInformation Submitter",
    "StrategicPlanCore": "Organization Vision Mission Value Goal",
    "Organization": "Name Acronym Identifier Description Stakeholder",
    "Goal": "Name Description Identifier SequenceIndicator Stakeholder OtherInformation Objective",
    "Objective": "Name Description Identifier SequenceIndicator Stakeholder OtherInformation"
    " PerformanceIndicator",
    "Stakeholder": "Name Description Role",
    "Role": "Name Description RoleType",
    "PerformanceIndicator": "SequenceIndicator MeasurementDimension UnitOfMeasurement Identifier"
    " Relationship MeasurementInstance OtherInformation",
    "MeasurementInstance": "TargetResult ActualResult",
    "TargetResult": "StartDate EndDate NumberOfUnits Descriptor Description",
    "Descriptor": "DescriptorName DescriptorValue",
    "AdministrativeInformation": "Identifier StartDate EndDate PublicationDate Source",
}
REQUIRED = {
    "PerformancePlanOrReport": {"Name", "StrategicPlanCore"},
    "StrategicPlanCore": {"Goal"},
    "Goal": {"Name", "Description"},
    "Stakeholder": {"Name"},
    "Role": {"Name"},
    "PerformanceIndicator": {"MeasurementDimension", "UnitOfMeasurement"},
}


@pytest.fixture(scope="module")
def whole(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get(DOWNLOAD).json()
    return found


# Which only the body tells, and which differ at each request.
OF_THE_BODY = {"content-length", "x-request-id"}


@pytest.mark.parametrize("format_", ["json", "ndjson", "csv", "xlsx", "markdown", "stratml"])
@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant"])
@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_head_has_the_headers_of_get_and_reads_no_rows(
    database_url: str, statements: list[str], format_: str, language: str, encoding: str
) -> None:
    """One statement, for the plan, beside the version of the data."""
    headers = {"Accept-Language": language, "Accept-Encoding": encoding}
    path = f"{DOWNLOAD}?format={format_}"
    app = create_app(Settings(database_url=database_url, webhook_delivery=False))
    with TestClient(app) as client:
        client.get("/v1")
        statements.clear()
        head = client.head(path, headers=headers)
        assert selects(statements) == 1
        whole = client.get(path, headers=headers)
        assert whole.content
        again = client.head(path, headers=headers)
        known = client.head(path, headers={**headers, "If-None-Match": whole.headers["etag"]})
    for one in (head, again):
        assert (one.status_code, one.content) == (200, b"")
        shown, expected = (
            {name: value for name, value in answer.headers.items() if name not in OF_THE_BODY}
            for answer in (one, whole)
        )
        assert shown == expected
    assert "content-length" not in head.headers
    assert known.status_code == 304


def test_downloads_of_different_contents_have_different_validators(client: TestClient) -> None:
    asked = [
        {"format": format_, "lang": language}
        for format_ in ("json", "ndjson", "csv", "xlsx", "markdown", "stratml")
        for language in ("zh-Hans", "zh-Hant")
    ]
    heads = [
        client.head(DOWNLOAD, params=params, headers={"Accept-Encoding": coding}).headers
        for params in asked
        for coding in ("gzip", "identity")
    ]
    packed = sum("content-encoding" in one for one in heads)  # a workbook and a ZIP are already
    assert packed == 2 * 4
    assert len({one["etag"] for one in heads}) == len(asked) + packed


@pytest.mark.parametrize("format_", ["json", "ndjson", "xlsx", "markdown", "stratml"])
def test_a_download_has_one_validator_however_its_format_is_asked_for(
    client: TestClient, format_: str
) -> None:
    named = client.get(DOWNLOAD, params={"format": format_})
    media_type = named.headers["content-type"].partition(";")[0]
    accepted = client.get(DOWNLOAD, headers={"Accept": media_type})
    assert accepted.content == named.content
    assert accepted.headers["etag"] == named.headers["etag"]


def test_a_download_has_another_validator_after_a_write(loaded_url: str) -> None:
    with practising(loaded_url) as service:
        before = service.client.head(DOWNLOAD).headers["etag"]
        assert service.client.head(DOWNLOAD).headers["etag"] == before
        assert service.report().status_code == 201
        after = service.client.head(DOWNLOAD).headers["etag"]
        assert after != before
        assert service.client.get(DOWNLOAD).headers["etag"] == after


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/plans/unknown/download", 404),
        (f"{DOWNLOAD}?format=unknown", 422),
        (f"{DOWNLOAD}?header=labels", 422),
    ],
)
def test_head_of_a_download_that_cannot_be_is_refused(
    client: TestClient, path: str, status: int
) -> None:
    assert client.head(path).status_code == client.get(path).status_code == status


def test_the_text_alone_is_read_without_its_corrections(
    uncached: TestClient, statements: list[str]
) -> None:
    statements.clear()
    assert uncached.get(f"/v1/plans/{PLAN}/text?format=text").status_code == 200
    assert not any("correction" in statement for statement in statements)


def sheets(content: bytes) -> dict[str, list[dict[str, Any]]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    read = {}
    for sheet in book.worksheets:
        names, *rows = sheet.iter_rows(values_only=True)
        read[sheet.title] = [dict(zip(map(str, names), row, strict=True)) for row in rows]
    return read


def as_text(value: Any) -> str:
    """A cell of a workbook for programs as CSV has it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if value.time() == time() else "%Y-%m-%dT%H:%M:%SZ")
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def test_json_holds_everything_as_it_is_served_alone(
    client: TestClient, whole: dict[str, Any]
) -> None:
    assert list(whole) == ["seq", "epoch", "plan", "text", *PARTS]
    assert whole["plan"] == client.get(f"/v1/plans/{PLAN}").json()
    assert whole["text"] == client.get(f"/v1/plans/{PLAN}/text").json()
    feed = client.get("/v1/changes").json()["page"]
    assert (whole["seq"], whole["epoch"]) == (feed["head"], feed["epoch"])
    for part in PARTS:
        of_plan = client.get(f"/v1/{part.replace('_', '-')}?plan={PLAN}&limit=1000").json()["data"]
        assert whole[part] == of_plan, part
    assert [len(whole[part]) for part in PARTS] == [2, 6, 38, 166, 76, 18, 0, 0, 0, 0, 0, 0]


def test_ndjson_is_the_same_line_by_line(client: TestClient, whole: dict[str, Any]) -> None:
    answer = client.get(DOWNLOAD, headers={"Accept": "application/x-ndjson"})
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert lines[0] == {
        "resource": "download",
        "document": {"seq": whole["seq"], "epoch": EPOCH, "plan": PLAN},
    }
    documents = [line["document"] for line in lines[1:]]
    rest = [document for part in PARTS for document in whole[part]]
    assert documents == [whole["plan"], *rest, whole["text"]]


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


def test_markdown_is_the_notice_in_its_order(client: TestClient, whole: dict[str, Any]) -> None:
    answer = client.get(f"{DOWNLOAD}?format=markdown")
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    plain = unescaped(answer.text)
    place = 0
    wanted = [whole["plan"]["title"], whole["plan"]["preamble"]]
    for section in whole["sections"]:
        wanted += [section["title"], section["intro"]]
        for task in whole["tasks"]:
            if task["section"]["id"] == section["id"]:
                wanted += [task["label"], task["title"], f"`{task['id']}`", task["body"]]
                wanted += [task["assignment_clause"] and f"（{task['assignment_clause']}）"]
    for words in filter(None, [*wanted, whole["plan"]["closing"]]):
        assert words in plain[place:], words
        place = plain.index(words, place) + len(words)
    # As printed: its marks are those of the notice.
    assert "各地级以上市人民政府" in plain
    line = next(line for line in plain.split("\n") if line.startswith("各地级"))
    assert line in whole["text"]["text"]


def unescaped(text: str) -> str:
    """What CommonMark shows: a backslash before ASCII punctuation is not there."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_escaped_text_is_only_characters(text: str) -> None:
    written = escaped(text)
    assert unescaped(written) == unescaped(re.sub(r"\\", r"\\\\", text))
    without = re.sub(r"\\[!-/:-@\[-`{-~]", "", written)
    assert not re.search(r"[\\`*_\[\]<>#|~!&]", without)
    assert not re.match(r"\s*(\d+[.)]|[-+=])", without) or not re.match(
        r"\s*(\d+[.)]|[-+=])", written
    )


def test_stratml_keeps_the_order_of_its_schema(client: TestClient, whole: dict[str, Any]) -> None:
    answer = client.get(f"{DOWNLOAD}?format=stratml")
    assert answer.headers["content-type"] == "application/xml"
    root = ElementTree.fromstring(answer.text)  # noqa: S314
    assert root.tag == f"{{{NAMESPACE}}}PerformancePlanOrReport"
    assert root.get("Type") == "Performance_Plan"
    identifiers = []
    for element in root.iter():
        name = element.tag.split("}")[1]
        children = [child.tag.split("}")[1] for child in element]
        order = STRATML_ORDER.get(name, "").split()
        places = [order.index(child) for child in children]
        assert places == sorted(places), name
        assert REQUIRED.get(name, set()) <= set(children), name
        if name == "Identifier":
            identifiers.append(element.text)
    wanted = {row["id"] for part in ("sections", "tasks", "targets") for row in whole[part]}
    assert set(identifiers) == {PLAN, *wanted}
    assert len(identifiers) == len(set(identifiers))


def test_stratml_says_what_a_target_says(client: TestClient) -> None:
    text = client.get(DOWNLOAD, headers={"Accept": "application/xml"}).text
    root = ElementTree.fromstring(text)  # noqa: S314
    names = {"s": NAMESPACE}
    indicator = next(
        one
        for one in root.iterfind(".//s:PerformanceIndicator", names)
        if one.findtext("s:Identifier", namespaces=names) == "gd-dg-2022-t17.2-k3"
    )
    path = "s:MeasurementInstance/s:TargetResult/"
    assert indicator.findtext(f"{path}s:NumberOfUnits", namespaces=names) == "2000000"
    assert indicator.findtext(f"{path}s:EndDate", namespaces=names) == "2022-12-31"
    assert indicator.findtext(f"{path}s:Descriptor/s:DescriptorValue", namespaces=names) == (
        "超过200万"
    )


def test_a_decimal_of_stratml_has_no_exponent() -> None:
    assert [decimal(value) for value in (60, 0.5, 1e21, 1e-7)] == [
        "60", "0.5", "1" + "0" * 21, "0.0000001",
    ]  # fmt: skip


@pytest.mark.parametrize("format_", ["markdown", "stratml", "xlsx", "csv", "ndjson", "json"])
def test_each_format_has_a_validator_of_its_own_and_a_language(
    client: TestClient, format_: str
) -> None:
    first = client.get(f"{DOWNLOAD}?format={format_}")
    hant = client.get(f"{DOWNLOAD}?format={format_}&lang=zh-Hant")
    assert first.headers["content-language"] == "zh-Hans"
    assert hant.headers["content-language"] == "zh-Hant"
    assert first.headers["etag"] != hant.headers["etag"]
    known = {"If-None-Match": first.headers["etag"]}
    assert client.get(f"{DOWNLOAD}?format={format_}", headers=known).status_code == 304
    if format_ == "xlsx":
        assert sheets(hant.content)["工作要點"][0]["標題"].startswith("廣東省數字政府")
    elif format_ == "csv":
        with zipfile.ZipFile(io.BytesIO(hant.content)) as packed:
            assert "廣東省數字政府" in packed.read("plans.csv").decode()
    else:
        assert "数字政府" in first.text
        assert "數字政府" in hant.text


def test_what_there_is_not_is_refused(client: TestClient) -> None:
    assert client.get("/v1/plans/nothing/download").status_code == 404
    assert client.get(f"{DOWNLOAD}?format=pdf").status_code == 422
    answer = client.get(DOWNLOAD, headers={"Accept": "application/pdf"})
    assert answer.status_code == 406
    assert XLSX in answer.json()["errors"][0]["allowed"]
