"""Lists as NDJSON and CSV: the same rows, whole, for other programs."""

import asyncio
import csv
import io
import json
import threading
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from app.enums import TableHeader
from app.formats.tables import RUNS, cell, csv_head, csv_rows
from app.kinds.platform import PLATFORM
from app.main import create_app
from app.reading.exports import Export, _packed
from app.settings import Settings

LISTS = ["plans", "sections", "tasks", "agencies", "targets", "platforms"]
CSV, NDJSON = "text/csv", "application/x-ndjson"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def listed(client: TestClient, path: str) -> list[dict[str, Any]]:
    mark = "&" if "?" in path else "?"
    rows: list[dict[str, Any]] = client.get(f"{path}{mark}limit=1000").json()["data"]
    return rows


def table(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("more", ["", "&sort=-title", "&limit=3"])
def test_ndjson_has_the_items_of_the_list(client: TestClient, name: str, more: str) -> None:
    answer = client.get(f"/v1/{name}?format=ndjson{more}")
    assert answer.headers["content-type"].startswith(NDJSON)
    mark = more.replace("&", "?", 1) or "?limit=1000"
    mark += "" if "limit" in mark else "&limit=1000"
    assert [json.loads(line) for line in answer.text.splitlines()] == client.get(
        f"/v1/{name}{mark}"
    ).json()["data"]


@pytest.mark.parametrize("name", LISTS)
def test_csv_has_a_line_a_row_and_the_same_words(client: TestClient, name: str) -> None:
    answer = client.get(f"/v1/{name}", headers={"Accept": CSV})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}.csv"'
    rows, documents = table(answer.text), listed(client, f"/v1/{name}")
    assert [row["id"] for row in rows] == [document["id"] for document in documents]
    for row, document in zip(rows, documents, strict=True):
        for column, value in row.items():
            if isinstance(document.get(column), str):
                assert value == document[column]


def test_csv_of_tasks_names_agencies_by_role(client: TestClient) -> None:
    rows = {row["id"]: row for row in table(client.get("/v1/tasks?format=csv").text)}
    assert rows["gd-dg-2022-t17.2"]["lead"] == "省政务服务数据管理局"
    assert "；" in rows["gd-dg-2022-t17.2"]["targets"]
    assert rows["gd-dg-2022-t17"]["body"] == ""


@pytest.mark.parametrize("query", ["agency=省公安厅", "q=数据&sort=relevance", "q=数字政府",
                                   "id=gd-dg-2022-t1&id=none", "q=不存在的"])  # fmt: skip
def test_an_export_has_the_filters_and_the_order_of_the_list(
    client: TestClient, query: str
) -> None:
    lines = client.get(f"/v1/tasks?{query}&format=ndjson").text.splitlines()
    assert [json.loads(line) for line in lines] == listed(client, f"/v1/tasks?{query}")


@pytest.mark.parametrize("query", ["sort=-title", "q=数&sort=relevance", "q=数&sort=-relevance"])
def test_batches_join_without_a_seam(
    client: TestClient, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.reading.paging.BATCH", 7)
    lines = client.get(f"/v1/tasks?{query}&format=ndjson&level=subitem").text.splitlines()
    assert [json.loads(line) for line in lines] == listed(
        client, f"/v1/tasks?{query}&level=subitem"
    )
    assert len(lines) > 7


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/json"),
        ("text/*", CSV),
        ("application/json;q=0.5, text/csv", CSV),
        ("text/csv;q=0.5, application/json;q=0.9", "application/json"),
        ("application/x-ndjson, */*;q=0.1", NDJSON),
        ("text/html, application/xhtml+xml, */*;q=0.8", "application/json"),
    ],
)
def test_accept_chooses_by_quality(client: TestClient, accept: str, media_type: str) -> None:
    answer = client.get("/v1/tasks", headers={"Accept": accept})
    assert answer.headers["content-type"].startswith(media_type)
    assert "Accept" in answer.headers["vary"].split(", ")
    there = client.get("/v1/tasks?format=csv", headers={"Accept": accept})
    assert there.headers["content-type"].startswith(CSV)


def test_what_there_is_not_is_refused_with_what_there_is(client: TestClient) -> None:
    answer = client.get("/v1/tasks", headers={"Accept": "application/pdf"})
    assert answer.status_code == 406
    assert answer.json()["errors"][0]["allowed"] == ["application/json", NDJSON, CSV, XLSX]
    answer = client.get("/v1/tasks?format=pdf")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["allowed"] == ["json", "ndjson", "csv", "xlsx"]
    assert client.get("/v1/tasks/gd-dg-2022-t1?format=csv").status_code == 422
    assert client.get("/v1/tasks/gd-dg-2022-t1", headers={"Accept": CSV}).status_code == 200
    assert client.get("/v1/tasks?format=csv&cursor=x").status_code == 422


def test_an_export_has_validators_that_tell_representations_apart(
    client: TestClient, database_url: str
) -> None:
    tags = set()
    for path in (
        "?format=csv",
        "?format=ndjson",
        "?format=csv&level=item",
        "?format=csv&lang=zh-Hant",
    ):
        answer = client.get(f"/v1/tasks{path}")
        assert answer.headers["vary"] == "Accept, Accept-Encoding, Accept-Language"
        assert "stale-while-revalidate" in answer.headers["cache-control"]
        for condition in (
            {"If-None-Match": f'"x", {answer.headers["etag"]}'},
            {"If-Modified-Since": answer.headers["last-modified"]},
        ):
            known = client.get(f"/v1/tasks{path}", headers=condition)
            assert (known.status_code, known.content) == (304, b"")
            assert known.headers["etag"] == answer.headers["etag"]
        with TestClient(create_app(Settings(database_url=database_url))) as another:
            assert another.get(f"/v1/tasks{path}").headers["etag"] == answer.headers["etag"]
        tags.add(answer.headers["etag"])
    for accept in (CSV, NDJSON):
        tags.add(client.get("/v1/tasks?level=item", headers={"Accept": accept}).headers["etag"])
    assert len(tags) == 5  # CSV of items is the same bytes, whichever way it was asked for


def test_an_export_is_in_the_script_that_is_asked_for(client: TestClient) -> None:
    answer = client.get("/v1/tasks?format=ndjson", headers={"Accept-Language": "zh-HK"})
    assert answer.headers["content-language"] == "zh-Hant"
    assert [json.loads(line) for line in answer.text.splitlines()] == listed(
        client, "/v1/tasks?lang=zh-Hant"
    )


def test_too_many_exports_at_once_are_told_to_come_back(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:
        full.setattr("app.reading.export_slots.MAX_EXPORTS", 0)
        answer = client.get("/v1/tasks?format=csv")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert client.get("/v1/tasks?format=csv&limit=5").status_code == 200
    assert client.get("/v1/tasks?format=csv").status_code == 200
    assert not Export.slots.running


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant"])
@pytest.mark.parametrize(("gone", "batches"), [(True, 1), (False, 38)])
def test_each_batch_is_sent_as_it_is_read_until_the_client_is_gone(
    database_url: str, monkeypatch: pytest.MonkeyPatch, language: str, gone: bool, batches: int
) -> None:
    monkeypatch.setattr("app.reading.paging.BATCH", 2)
    app = create_app(Settings(database_url=database_url))
    sent: list[Any] = []

    async def receive() -> Any:
        if gone:
            return {"type": "http.disconnect"}
        return await asyncio.Future()

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "GET", "path": "/v1/tasks", "raw_path": b"/v1/tasks",
        "query_string": f"format=ndjson&lang={language}".encode(), "headers": [], "http_version": "1.1", "root_path": "",
        "scheme": "http", "server": ("x", 80), "client": ("x", 1),
    }  # fmt: skip

    async def ask() -> None:
        async with app.router.lifespan_context(app):
            await app(scope, receive, send)

    asyncio.run(ask())
    assert sum(message["type"] == "http.response.body" for message in sent) == batches
    assert not Export.slots.running


def test_who_has_it_or_asks_for_headers_needs_no_slot(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = client.get("/v1/tasks?format=csv").headers["etag"]
    monkeypatch.setattr("app.reading.export_slots.MAX_EXPORTS", 0)
    known = client.get("/v1/tasks?format=csv", headers={"If-None-Match": tag})
    assert (known.status_code, known.headers["etag"]) == (304, tag)
    assert "content-disposition" not in known.headers
    assert client.head("/v1/tasks?format=csv").headers["etag"] == tag


@pytest.mark.parametrize("path", [f"/v1/{name}" for name in LISTS])
@pytest.mark.parametrize("format_", ["csv", "ndjson", "xlsx"])
def test_head_of_an_export_reads_no_rows(
    uncached: TestClient, statements: list[str], path: str, format_: str
) -> None:
    """It has the headers of GET, but for a length that nobody knows yet."""
    whole = uncached.get(f"{path}?format={format_}")
    statements.clear()
    head = uncached.head(f"{path}?format={format_}")
    assert not [one for one in statements if "document" in one]
    assert len(statements) <= 6
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "last-modified", "content-type", "content-disposition", "vary"):
        assert head.headers.get(name) == whole.headers.get(name)
    assert head.headers.get("content-length") is None


@pytest.mark.parametrize("query", ["cursor=x", "cursor=x&q=数&sort=relevance", "agency=none"])
def test_head_of_an_export_is_refused_as_get_is(client: TestClient, query: str) -> None:
    path = f"/v1/tasks?format=csv&{query}"
    assert client.head(path).status_code == client.get(path).status_code == 422


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(first: str) -> None:
    assert cell(f"{first}1+1") == f"'{first}1+1"
    assert cell(-1) == -1


@given(st.text() | st.sampled_from(RUNS).flatmap(lambda c: st.text().map(lambda t: c + t)))
def test_no_cell_runs_and_no_text_is_lost(text: str) -> None:
    assert not str(cell(text)).startswith(RUNS)
    assert cell(text) in (text, f"'{text}")


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_any_text_comes_back_out_of_its_cell(text: str) -> None:
    document = {
        "id": "x", "name": text, "kind": "platform", "kind_label": "平台", "mentions": -1,
        "tasks": [{"id": "a", "mode_label": "a"}], "tasks_total": 1, "version": 1, "changed_at": "2026-01-02T03:04:05Z",
        "is_example": False,
    }  # fmt: skip
    columns, names = PLATFORM.table, TableHeader.NAMES
    written = csv_head(columns, names) + csv_rows(columns, names, [json.dumps(document)])
    row = table(written)[0]
    assert row == {"id": "x", "name": str(cell(text)), "kind": "platform", "kind_label": "平台",
                   "mentions": "-1", "task_ids": "a", "task_modes": "a", "tasks_total": "1", "version": "1",
                   "changed_at": "2026-01-02T03:04:05Z", "is_example": "false"}  # fmt: skip


@pytest.mark.parametrize("format_", ["csv", "ndjson"])
def test_exports_are_compressed_batch_by_batch(
    client: TestClient, format_: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.reading.paging.BATCH", 7)
    path = f"/v1/tasks?format={format_}"
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    packed = client.get(path, headers={"Accept-Encoding": "br, gzip;q=0.5"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content  # which the client has unpacked
    assert packed.num_bytes_downloaded < len(plain.content) / 2
    assert packed.headers["etag"] == plain.headers["etag"][:-1] + '-gzip"'
    assert "Accept-Encoding" in packed.headers["vary"]
    for answer, other in ((plain, "identity"), (packed, "gzip")):
        headers = {"Accept-Encoding": other, "If-None-Match": answer.headers["etag"]}
        known = client.get(path, headers=headers)
        assert (known.status_code, known.content) == (304, b"")
        assert "content-encoding" not in known.headers
    crossed = {"Accept-Encoding": "gzip", "If-None-Match": plain.headers["etag"]}
    assert client.get(path, headers=crossed).status_code == 200


@pytest.mark.parametrize("more", ["", "&limit=100"])
def test_workbooks_are_not_compressed_again(client: TestClient, more: str) -> None:
    answer = client.get(f"/v1/tasks?format=xlsx{more}", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in answer.headers
    assert answer.content.startswith(b"PK")


def test_each_compressed_piece_can_be_read_when_it_arrives(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And none is made in the event loop, where it would hold up others."""
    monkeypatch.setattr("app.reading.paging.BATCH", 20)
    made_in: list[threading.Thread] = []

    def packed(*given: Any, **more: Any) -> bytes:
        made_in.append(threading.current_thread())
        return _packed(*given, **more)

    monkeypatch.setattr("app.reading.exports._packed", packed)
    app = create_app(Settings(database_url=database_url, webhook_delivery=False))
    unpack, lines, loops = zlib.decompressobj(31), [0], []

    async def receive() -> Any:
        return await asyncio.Future()

    async def send(message: Any) -> None:
        loops.append(threading.current_thread())
        if body := message.get("body"):
            lines.append(lines[-1] + unpack.decompress(body).count(b"\n"))

    scope = {
        "type": "http", "method": "GET", "path": "/v1/tasks", "raw_path": b"/v1/tasks",
        "query_string": b"format=ndjson", "headers": [(b"accept-encoding", b"gzip")],
        "http_version": "1.1", "root_path": "", "scheme": "http", "server": ("x", 80),
        "client": ("x", 1),
    }  # fmt: skip

    async def ask() -> None:
        async with app.router.lifespan_context(app):
            await app(scope, receive, send)

    asyncio.run(ask())
    assert lines == [0, 20, 40, 60, 76]
    assert unpack.eof
    assert not {*made_in} & {*loops}


@pytest.mark.parametrize(
    "path",
    ["/openapi.yaml", "/openapi.json", "/docs", "/redoc", "/problems", "/problems/not-found",
     "/docs/assets/swagger-ui-bundle.js", "/docs/assets/swagger-ui.css",
     "/docs/assets/redoc.standalone.js"],
)  # fmt: skip
def test_what_stays_the_same_is_compressed_once(
    client: TestClient, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    if "assets" in path or "openapi" in path:
        monkeypatch.setattr("gzip.compress", None)  # nobody compresses them again
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == answer.content
    assert int(answer.headers["content-length"]) < len(plain.content)
    tags = plain.headers["etag"], answer.headers["etag"]
    assert tags[1] == tags[0][:-1] + '-gzip"'
    for encoding, tag, status in (("identity", 0, 304), ("gzip", 1, 304), ("gzip", 0, 200)):
        headers = {"Accept-Encoding": encoding, "If-None-Match": tags[tag]}
        known = client.get(path, headers=headers)
        assert known.status_code == status
        assert "Accept-Encoding" in known.headers["vary"]


def test_a_picture_is_not_compressed_again(client: TestClient) -> None:
    answer = client.get("/docs/assets/favicon.png", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in answer.headers
    for missing in ("none.js", "..%2Froutes.py", "%2e%2e"):
        assert client.get(f"/docs/assets/{missing}").status_code == 404
