"""A whole plan in one file, in each format: the same data, for other programs."""

import csv
import io
import json
import re
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from app.plans.markdown import escaped
from app.plans.stratml import NAMESPACE, decimal
from app.spreadsheets import LONGEST_CELL, workbook_of
from tests.support import EPOCH, PLAN

DOWNLOAD = f"/v1/plans/{PLAN}/download"
PARTS = ["sections", "agencies", "platforms", "tasks", "targets", "reports", "measurements",
         "milestones", "assessments", "bulletins"]  # fmt: skip
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


def sheets(content: bytes) -> dict[str, list[dict[str, Any]]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    read = {}
    for sheet in book.worksheets:
        names, *rows = sheet.iter_rows(values_only=True)
        read[sheet.title] = [dict(zip(map(str, names), row, strict=True)) for row in rows]
    return read


def test_json_holds_everything_as_it_is_served_alone(
    client: TestClient, whole: dict[str, Any]
) -> None:
    assert list(whole) == ["seq", "epoch", "plan", "text", *PARTS]
    assert whole["plan"] == client.get(f"/v1/plans/{PLAN}").json()
    assert whole["text"] == client.get(f"/v1/plans/{PLAN}/text").json()
    feed = client.get("/v1/changes").json()["page"]
    assert (whole["seq"], whole["epoch"]) == (feed["head"], feed["epoch"])
    for part in PARTS:
        of_plan = client.get(f"/v1/{part}?plan={PLAN}&limit=1000").json()["data"]
        assert whole[part] == of_plan, part
    assert [len(whole[part]) for part in PARTS] == [6, 38, 55, 76, 18, 0, 0, 0, 0, 0]


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


def test_xlsx_has_a_sheet_a_resource_with_the_cells_of_csv(
    client: TestClient, whole: dict[str, Any]
) -> None:
    answer = client.get(f"{DOWNLOAD}?format=xlsx")
    assert answer.headers["content-type"] == XLSX
    assert answer.headers["content-disposition"] == f'attachment; filename="{PLAN}.xlsx"'
    read = sheets(answer.content)
    assert list(read)[:6] == ["plan", "section", "agency", "platform", "task", "target"]
    assert list(read)[6:] == ["report", "measurement", "milestone", "assessment", "bulletin"]
    assert [row["id"] for row in read["task"]] == [task["id"] for task in whole["tasks"]]
    listed = client.get("/v1/tasks?format=csv").text.removeprefix("\ufeff")
    for cells, row in zip(csv.DictReader(io.StringIO(listed)), read["task"], strict=True):
        for name, cell in cells.items():
            value = row[name]
            written = str(value).lower() if isinstance(value, bool) else str(value or "")
            assert written == cell, name
    figures = {row["id"]: row["value"] for row in read["target"]}
    assert figures["gd-dg-2022-t17.2-k3"] == 2_000_000


def test_lists_come_as_xlsx_whole_or_a_page(client: TestClient) -> None:
    whole = client.get("/v1/targets?format=xlsx")
    assert len(sheets(whole.content)["target"]) == 18
    assert whole.headers["content-length"] == str(len(whole.content))
    again = client.get("/v1/targets", headers={"Accept": XLSX})
    assert again.content == whole.content
    assert again.headers["etag"] == whole.headers["etag"]
    page = client.get("/v1/targets?format=xlsx&limit=2&kind=quantitative&lang=zh-Hant")
    assert page.headers["content-language"] == "zh-Hant"
    rows = sheets(page.content)["target"]
    same = client.get("/v1/targets?limit=2&kind=quantitative&lang=zh-Hant").json()["data"]
    assert [row["statement"] for row in rows] == [target["statement"] for target in same]
    hant = sheets(client.get("/v1/targets?format=xlsx&lang=zh-Hant").content)["target"]
    assert [row["statement"] for row in hant if row["id"] == same[0]["id"]] == [
        same[0]["statement"]
    ]


def test_a_cell_holds_text_and_never_a_formula_or_a_link() -> None:
    words = ["=1+1", "@x", "https://example.org/", "\u4e00" * 40_000, "1e999", "２０２２"]
    fields = {"id": "p", "kind": "platform", "mentions": 3, "tasks": []}
    documents = [json.dumps({**fields, "name": word}) for word in words]
    book = openpyxl.load_workbook(io.BytesIO(workbook_of({"platform": documents})))
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
    if format_ != "xlsx":
        assert "数字政府" in first.text
        assert "數字政府" in hant.text
    else:
        assert sheets(hant.content)["plan"][0]["title"].startswith("廣東省數字政府")


def test_what_there_is_not_is_refused(client: TestClient) -> None:
    assert client.get("/v1/plans/nothing/download").status_code == 404
    assert client.get(f"{DOWNLOAD}?format=pdf").status_code == 422
    answer = client.get(DOWNLOAD, headers={"Accept": "application/pdf"})
    assert answer.status_code == 406
    assert XLSX in answer.json()["errors"][0]["allowed"]
