"""Each format of a plan, its validators and headers."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests.api.downloads import DOWNLOAD, XLSX
from tests.api.downloads.workbooks import sheets
from tests.support import EPOCH, PLAN
from tests.support.practice import practising
from tests.support.statements import selects

PARTS = ["jurisdictions", "sections", "agencies", "platforms", "tasks", "targets", "reports", "measurements",
         "milestones", "assessments", "bulletins", "error_reports"]  # fmt: skip


@pytest.fixture(scope="module")
def of_its_own(database_url: str) -> Iterator[TestClient]:
    """A service that has no download cached: each test asks it for another."""
    app = create_app(Settings(database_url=database_url, webhook_delivery=False))
    with TestClient(app) as client:
        yield client


# Which only the body tells, and which differ at each request.
OF_THE_BODY = {"content-length", "x-request-id"}


@pytest.mark.parametrize("format_", ["json", "ndjson", "csv", "xlsx", "markdown", "stratml"])
@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant"])
@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_head_has_the_headers_of_get_and_reads_no_rows(
    of_its_own: TestClient, statements: list[str], format_: str, language: str, encoding: str
) -> None:
    """One statement, for the plan, beside the version of the data."""
    headers = {"Accept-Language": language, "Accept-Encoding": encoding}
    path = f"{DOWNLOAD}?format={format_}"
    of_its_own.get("/v1")
    statements.clear()
    head = of_its_own.head(path, headers=headers)
    assert selects(statements) == 1
    whole = of_its_own.get(path, headers=headers)
    assert whole.content
    again = of_its_own.head(path, headers=headers)
    known = of_its_own.head(path, headers={**headers, "If-None-Match": whole.headers["etag"]})
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
