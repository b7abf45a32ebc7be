"""What a person is told where there is no service, half a service, or something else."""

import io
import signal
import socket
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx2 as httpx
import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from app.db.engine import open_engine
from app.db.models import Revision
from app.main import create_app
from app.settings import Settings
from conformance.__main__ import BROKEN, NOT_ASKED, check, main
from conformance.contract import Contract
from conformance.rules import run
from conformance.server import Server
from conformance.topics import rules_of
from tests.conformance.faults import Between
from tests.support import LOADED_AT
from tests.support.databases import Databases


def told_of(
    contract: Contract, answer: Callable[[httpx.Request], httpx.Response], *topics: str
) -> tuple[int, str]:
    """Exit status and words about a server that answers like this."""
    transport = httpx.MockTransport(answer)
    out = io.StringIO()
    with httpx.Client(transport=transport, base_url="http://there") as client:
        return check(client, contract, rules_of(*topics), out), out.getvalue()


def test_a_server_that_is_not_there_is_2(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    before = signal.getsignal(signal.SIGPIPE)
    assert main([f"http://127.0.0.1:{port}"]) == NOT_ASKED
    # Who calls it goes on, and is not ended by the next closed pipe.
    assert signal.getsignal(signal.SIGPIPE) == before
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"http://127.0.0.1:{port} could not be reached: ConnectError")


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://there", "http://", "there", "http://:x"])
def test_what_is_no_url_is_2(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([url]) == NOT_ASKED
    assert f"{url} is no URL" in capsys.readouterr().err


def test_a_contract_that_is_none_is_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "other.yaml").write_text("a: [1", "utf-8")
    (tmp_path / "old.yaml").write_text("openapi: 3.0.3", "utf-8")
    (tmp_path / "empty.yaml").write_text("openapi: 3.1.0", "utf-8")
    for name in ("none.yaml", "other.yaml", "old.yaml", "empty.yaml"):
        assert main(["http://there", "--contract", str(tmp_path / name)]) == NOT_ASKED
        assert "The contract cannot be read" in capsys.readouterr().err


def test_wrong_usage_is_2(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["http://there", "--only", "nothing"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == NOT_ASKED
        assert "usage: python -m conformance" in capsys.readouterr().err


@pytest.mark.parametrize("body", ["<!doctype html><p>Hello", "", "{}", "[]", "null", '{"data": 1}',
                                  '{"data": [], "page": {}}', '{"data": [1], "page": {"next": 1}}',
                                  '{"data": [{}], "page": {"total": 1, "next": null}}'])  # fmt: skip
@pytest.mark.parametrize("status", [200, 404, 503])
def test_something_else_fails_in_clear_lines(contract: Contract, body: str, status: int) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, text=body, headers={"content-type": "text/html"})

    exit_status, told = told_of(contract, answer)
    assert exit_status == BROKEN
    assert "Traceback" not in told
    lines = told.splitlines()
    failed = [line for line in lines if line.startswith("FAIL")]
    assert len(failed) > 20
    assert len([line for line in lines if line.startswith("        contract  ")]) == len(failed)
    assert "request   GET /v1/tasks" in told


def test_html_in_place_of_json_is_named(contract: Contract) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, html="<p>Hello")

    _, told = told_of(contract, answer, "walks")
    assert "response  200 text/html: b'<p>Hello'" in told
    assert "expected  JSON" in told


def test_a_server_that_goes_down_half_way_ends_the_asking(
    between: Between, served: TestClient, contract: Contract
) -> None:
    between.fault = None
    answered = Counter[str]()

    def answer(request: httpx.Request) -> httpx.Response:
        answered["times"] += 1
        if answered["times"] > 40:
            raise httpx.ConnectError("Connection refused")
        came = served.get(request.url.raw_path.decode(), headers=dict(request.headers))
        return httpx.Response(came.status_code, headers=came.headers, content=came.content)

    exit_status, told = told_of(contract, answer, "shapes", "walks")
    assert exit_status == BROKEN
    assert "response  no response: ConnectError Connection refused" in told
    assert "The server stopped responding; " in told
    assert told.count("FAIL") == 1


def test_one_answer_that_takes_too_long_fails_its_rule_alone(
    between: Between, served: TestClient, contract: Contract
) -> None:
    between.fault = None

    def answer(request: httpx.Request) -> httpx.Response:
        if "cursor=" in str(request.url):
            raise httpx.ReadTimeout("timed out")
        came = served.get(request.url.raw_path.decode(), headers=dict(request.headers))
        return httpx.Response(came.status_code, headers=came.headers, content=came.content)

    exit_status, told = told_of(contract, answer, "walks")
    assert exit_status == BROKEN
    assert "response  no response: ReadTimeout timed out" in told
    assert "stopped responding" not in told
    assert "ok      walks: Without `limit`" in told


def test_a_server_without_plans_is_skipped_where_there_is_nothing_to_see(
    on_sqlite: Databases, contract: Contract
) -> None:
    with on_sqlite.with_tables() as url:
        engine = open_engine(url)
        with engine.begin() as connection:
            connection.execute(
                update(Revision).values(number=1, changed_at=LOADED_AT, dated=LOADED_AT)
            )
        engine.dispose()
        app = create_app(Settings(database_url=url))
        with TestClient(app, raise_server_exceptions=False) as client:
            results = {r.rule.name: r for r in run(Server(client, contract), rules_of())}
    assert [f for result in results.values() for f in result.failures] == []
    words = {name: result.word for name, result in results.items()}
    assert words["a_walk_gives_each_row_once"] == "skipped"
    assert words["the_span_of_a_target_is_its_statement"] == "skipped"
    assert words["filters_of_tasks_give_exactly_what_fits"] == "skipped"
    assert words["an_unknown_id_is_404"] == "ok"
    for result in results.values():
        if result.rule.topic in ("texts", "filters", "orders", "searches", "changes"):
            asks_for_no_row = result.rule.name == "relevance_needs_words"
            assert result.word == ("ok" if asks_for_no_row else "skipped"), result.rule.name
