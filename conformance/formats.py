"""Lists as tables and lines, and whole plans as files."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator

from conformance.contract import Operation
from conformance.rules import rule
from conformance.server import Answer, Finding, Server

NDJSON, CSV = "application/x-ndjson", "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP = "application/zip"
BOM = b"\xef\xbb\xbf"
# What `format=` says for each media type of the contract.
FORMATS = {
    "application/json": "json", NDJSON: "ndjson", CSV: "csv", XLSX: "xlsx",
    ZIP: "csv", "text/markdown": "markdown", "application/xml": "stratml", "text/plain": "text",
}  # fmt: skip
BEGINS = {"text/markdown": b"#", "application/xml": b"<?xml", XLSX: b"PK", ZIP: b"PK"}
FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
NUMBER = re.compile(r"-?\d+(\.\d+)?")
ROW = re.compile(rb"<row\b")


def exported(server: Server, media_type: str) -> Iterator[tuple[Operation, Answer, int]]:
    """Each list in a format, with the number of its rows."""
    for operation in server.contract.lists:
        if media_type in operation.gives and (rows := server.rows(operation.path)):
            answer = server.get(operation.path, {"format": FORMATS[media_type]})
            yield operation, answer, len(rows)


def cells(answer: Answer) -> list[list[str]]:
    """A CSV, line by line."""
    return list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"), newline="")))


@rule("application/x-ndjson")
def ndjson_has_each_row_of_the_list_on_a_line(server: Server) -> Iterator[Finding]:
    """NDJSON contains the documents of the list, one per line."""
    for operation, answer, _ in exported(server, NDJSON):
        lines = (
            [json.loads(line) for line in answer.text.splitlines()] if answer.status == 200 else []
        )
        rows = server.rows(operation.path)
        came = f"{answer.status}, {len(lines)} lines"
        yield answer.expect(lines == rows, came, f"the {len(rows)} documents of the list")


@rule("text/csv")
def csv_has_a_line_for_each_row_of_the_list(server: Server) -> Iterator[Finding]:
    """CSV has a header line of names, and one line per row that begins with its id."""
    for operation, answer, rows in exported(server, CSV):
        head, *lines = cells(answer)
        yield answer.expect(len(lines) == rows, f"{len(lines)} lines", f"{rows} rows")
        at = head.index("id") if "id" in head else 0
        came, right = [line[at] for line in lines], server.ids(operation.path)
        yield answer.expect(came == right, f"ids {came[:3]}…", f"{right[:3]}…")


@rule("text/csv: UTF-8 with a byte order mark")
def csv_begins_with_a_byte_order_mark(server: Server) -> Iterator[Finding]:
    """CSV begins with a byte order mark, which spreadsheets need to read Chinese."""
    for _, answer, _ in exported(server, CSV):
        yield answer.expect(answer.body.startswith(BOM), answer.body[:6], BOM)


@rule("text/csv: formula-safe")
def no_cell_is_a_formula(server: Server) -> Iterator[Finding]:
    """No cell of a CSV begins like a formula."""
    for _, answer, _ in exported(server, CSV):
        every = (cell for line in cells(answer) for cell in line)
        runs = [c for c in every if FORMULA.match(c) and not NUMBER.fullmatch(c)]
        yield answer.expect(not runs, runs[:3], "an apostrophe in front")


@rule("XLSX")
def xlsx_has_a_row_for_each_row_of_the_list(server: Server) -> Iterator[Finding]:
    """XLSX has a sheet with a header row of names, and one row per row of the list."""
    for _, answer, rows in exported(server, XLSX):
        try:
            with zipfile.ZipFile(io.BytesIO(answer.body)) as book:
                sheet = book.read("xl/worksheets/sheet1.xml")
        except (zipfile.BadZipFile, KeyError):
            yield answer.expect(ok=False, came=answer.summary, right="a workbook")
            continue
        came = len(ROW.findall(sheet))
        yield answer.expect(came == rows + 1, f"{came} rows", f"{rows} and one of names")


@rule("parameter format, header Accept")
def format_and_accept_agree(server: Server) -> Iterator[Finding]:
    """`?format=` and `Accept` return the same media type and the same `ETag`."""
    for operation, path in server.samples():
        for media_type in operation.gives if "format" in operation.parameters else ():
            asked = server.get(path, {"format": FORMATS[media_type]})
            preferred = server.get(path, accept=media_type)
            for answer in (asked, preferred):
                yield answer.expect(answer.media_type == media_type, answer.summary, media_type)
            tags = asked.headers.get("etag"), preferred.headers.get("etag")
            yield preferred.expect(tags[0] == tags[1], f"ETag {tags[1]}", f"{tags[0]}, as format=")


@rule("parameter format, header Accept")
def format_goes_before_accept(server: Server) -> Iterator[Finding]:
    """`?format=` overrides `Accept`, and quality values are respected."""
    for operation in server.contract.lists:
        if CSV in operation.gives:
            answer = server.get(operation.path, {"format": "json"}, accept=CSV)
            yield answer.expect(answer.media_type.endswith("json"), answer.summary, "JSON")
            answer = server.get(operation.path, accept=f"application/json;q=0.1, {CSV}")
            yield answer.expect(answer.media_type == CSV, answer.media_type, CSV)


@rule("exports under filters")
def an_export_takes_the_filters_of_the_list(server: Server) -> Iterator[Finding]:
    """An export with a filter has the rows of the list with that filter."""
    for section in server.listed("sections")[:1]:
        for path in ("/v1/tasks", "/v1/targets"):
            params = {"section": section["id"]}
            answer = server.get(path, {**params, "format": "ndjson"})
            came = [json.loads(line)["id"] for line in answer.text.splitlines()]
            right = server.ids(path, params)
            yield answer.expect(came == right, f"{len(came)} rows", f"the {len(right)} that fit")


@rule("downloadPlan")
def a_plan_comes_in_every_format(server: Server) -> Iterator[Finding]:
    """A plan can be downloaded in every format of the contract."""
    for operation, path in server.samples():
        if operation.path.endswith("/download"):
            for media_type in operation.gives:
                answer = server.get(path, {"format": FORMATS[media_type]})
                yield answer.expect(answer.media_type == media_type, answer.summary, media_type)
                begin = BEGINS.get(media_type, b"")
                came = answer.body.removeprefix(BOM)[:20]
                yield answer.expect(came.startswith(begin) and came, came, begin or "a body")
