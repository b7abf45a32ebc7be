"""Missing tables and rights are what an operator mends: 503, and no bug of the service."""

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from app.__main__ import main
from app.db.engine import open_engine
from app.main import create_app
from app.settings import Settings
from tests.support.databases import Databases
from tests.support.practice import practising

FORBID = """
CREATE FUNCTION forbid() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN RAISE insufficient_privilege USING MESSAGE = 'permission denied for table report'; END$$
"""


def test_reads_without_tables_are_503(empty_url: str) -> None:
    app = create_app(Settings(database_url=empty_url, webhook_delivery=False))
    with TestClient(app, raise_server_exceptions=False) as client:
        for path in ("/v1/tasks", "/v1/tasks/x", "/v1/search?q=x", "/readyz"):
            assert client.get(path).status_code == 503


def test_commands_without_tables_name_the_one_that_makes_them(
    empty_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = open_engine(empty_url)
    engine.connect().close()  # and the file of SQLite is there
    engine.dispose()
    monkeypatch.setenv("WORKPLAN_DATABASE_URL", empty_url)
    monkeypatch.setenv("WORKPLAN_KEY_SECRET", "s" * 32)
    for command in (["rebuild"], ["keys", "list"], ["epoch", "new"]):
        assert main(command) == 2
        assert capsys.readouterr().err.endswith("\nRun `alembic upgrade head` first.\n")


def test_a_write_without_the_right_to_it_is_503_and_operators_see_it(
    on_postgresql: Databases,
) -> None:
    with on_postgresql.loaded() as url, practising(url) as service:
        assert service.report(as_of="2022-05-31").status_code == 201
        engine = open_engine(url)
        with engine.begin() as connection:
            connection.execute(text(FORBID))
            connection.execute(
                text("CREATE TRIGGER forbid BEFORE INSERT ON report EXECUTE FUNCTION forbid()")
            )
        assert service.report(as_of="2022-06-30").status_code == 503
        assert service.json("/readyz")["writes"] == "failing"
        with engine.begin() as connection:
            connection.execute(text("DROP TRIGGER forbid ON report"))
        engine.dispose()
        assert service.report(as_of="2022-06-30").status_code == 201
        assert service.json("/readyz")["writes"] == "working"
