"""What operators see: metrics by route template, and one line of JSON a request."""

import asyncio
import gc
import io
import json
import logging
import logging.config
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from app.db.engine import open_reading, open_writing
from app.main import create_app
from app.middleware.limits import Limit
from app.settings import Settings
from app.telemetry.folders import PREFIX, metrics_folder
from app.telemetry.logs import LOG_CONFIG
from app.telemetry.metrics import GAUGES, REFUSED, Metrics, sampling
from app.telemetry.requests import Observe
from tests.support.practice import REPORTS, WEBHOOKS, a_report, a_webhook, practising

HERE, STRANGER, PROXY = "127.0.0.1", "192.0.2.7", "10.1.2.3"
NOBODY = 2**22 + 1  # beyond the largest number of a process


def samples(client: TestClient) -> dict[tuple[str, ...], float]:
    """Each sample: its name and the values of its labels."""
    text = client.get("/metrics").text
    return {
        (one.name, *(one.labels[name] for name in sorted(one.labels) if name != "le")): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
        if not one.name.endswith("_bucket")
    }


AClient = Callable[..., TestClient]


@pytest.fixture
def a_client() -> Iterator[AClient]:
    """Makes clients from an address, each of a service with these settings."""
    with ExitStack() as stack:

        def make(url: str, peer: str = HERE, **settings: Any) -> TestClient:
            app = create_app(Settings(database_url=url, webhook_delivery=False, **settings))
            client = TestClient(app, raise_server_exceptions=False, client=(peer, 1))
            return stack.enter_context(client)

        yield make


def writing_to(written: io.StringIO) -> logging.Handler:
    handler = logging.StreamHandler(written)
    handler.setFormatter(
        logging.config.DictConfigurator(LOG_CONFIG).configure_formatter(
            dict(LOG_CONFIG["formatters"]["lines"])
        )
    )
    return handler


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the service logs while a test runs, in the format of the configuration."""
    written = io.StringIO()
    handler = writing_to(written)
    logger = logging.getLogger("app")
    logger.addHandler(handler)
    level, logger.level = logger.level, logging.INFO
    yield written
    logger.removeHandler(handler)
    logger.setLevel(level)


def test_requests_are_counted_by_route_template_and_cache_and_never_by_path(
    a_client: AClient, database_url: str
) -> None:
    client = a_client(database_url)
    for number in range(30):
        client.get(f"/v1/nothing/{number}?token=secret")
        client.get(f"/v1/tasks/gd-dg-2022-t{number + 1}")
    client.get("/v1/tasks/gd-dg-2022-t1")
    client.head("/v1/tasks/gd-dg-2022-t2")
    client.request("BREW", "/v1/tasks")
    client.get("/plans/gd-dg-2022")
    client.get("/v1/tasks?agency=没有")
    found = samples(client)
    counts = {labels[1:]: n for labels, n in found.items() if labels[0].endswith("_count")}
    assert counts == {
        ("miss", "GET", "unmatched", "404"): 30,
        ("miss", "GET", "/v1/tasks/{task_id}", "200"): 30,
        ("hit", "GET", "/v1/tasks/{task_id}", "200"): 1,
        ("hit", "HEAD", "/v1/tasks/{task_id}", "200"): 1,
        ("none", "other", "/v1/tasks", "405"): 1,
        ("miss", "GET", "/plans/{plan_id}", "200"): 1,
        ("miss", "GET", "/v1/tasks", "422"): 1,
    }
    text = client.get("/metrics").text
    assert "secret" not in text
    assert "gd-dg-2022" not in text
    assert found["workplan_response_cache_entries",] == 31
    assert found["workplan_schema_current",] == found["workplan_database_up",] == 1
    assert found["workplan_change_feed_seq",] > 300


def test_buckets_are_cumulative_and_end_with_the_count() -> None:
    metrics = Metrics()
    for seconds in (0.0001, 0.001, 0.02, 99.0):
        metrics.observe(("GET", "/v1", 200, "hit"), seconds)
    family = metrics.histogram()
    buckets = [one.value for one in family.samples if one.name.endswith("_bucket")]
    assert buckets == [2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4]
    totals = {one.name.rpartition("_")[2]: one.value for one in family.samples}
    assert totals["count"] == 4
    assert totals["sum"] == pytest.approx(99.0211)


def test_metrics_are_for_the_clients_that_settings_name_and_a_forged_header_changes_nothing(
    a_client: AClient, database_url: str
) -> None:
    def status(client: TestClient, forwarded: str | None = None) -> int:
        headers = {"X-Forwarded-For": forwarded} if forwarded else {}
        return int(client.get("/metrics", headers=headers).status_code)

    here = a_client(database_url)
    assert (status(here), status(here, HERE)) == (200, 404)  # a proxy here may forward for anybody
    stranger = a_client(database_url, STRANGER)
    assert (status(stranger), status(stranger, HERE)) == (404, 404)
    behind = {"trusted_proxies": PROXY, "metrics_clients": "192.0.2.7"}
    proxy = a_client(database_url, PROXY, **behind)
    claims = [STRANGER, f"{HERE}, {STRANGER}", f"{STRANGER}, {HERE}", f"{STRANGER}, nobody", None]
    assert [status(proxy, one) for one in claims] == [200, 200, 404, 404, 404]
    assert status(a_client(database_url, HERE, **behind), STRANGER) == 404
    assert status(a_client(database_url, STRANGER, **behind)) == 200


def test_the_figures_of_all_workers_are_summed_and_a_dead_one_keeps_only_its_counts(
    tmp_path: Path,
) -> None:
    labels = ("GET", "/v1", 200, "hit")
    for pid, file in ((os.getppid(), "other"), (NOBODY, "dead")):
        worker = Metrics(tmp_path)
        worker.observe(labels, 0.5)
        worker.count(REFUSED, "431")
        worker.watch("workplan_connections", lambda: 3)
        worker.sample()
        made = tmp_path / f"{os.getpid()}.json"
        assert made.exists(), file
        made.rename(tmp_path / f"{pid}.json")
    mine = Metrics(tmp_path)
    mine.observe(labels, 0.25)
    mine.watch("workplan_connections", lambda: 4)
    values = {
        one.name: one.value for family in mine.families() for one in family.samples if one.value
    }
    assert values[f"{REFUSED}_total"] == 2
    assert values["workplan_connections"] == 7
    assert values["workplan_http_request_duration_seconds_count"] == 3
    assert values["workplan_http_request_duration_seconds_sum"] == 1.25


def test_a_worker_says_how_many_they_are_and_survives_a_folder_that_vanished(
    tmp_path: Path,
) -> None:
    metrics = Metrics(tmp_path / "gone")

    async def run() -> None:
        async with sampling(metrics):
            assert metrics.gauges["workplan_workers"] == 1

    asyncio.run(run())


def test_a_start_removes_the_folders_of_killed_services_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    dead, theirs = tmp_path / f"{PREFIX}dead", tmp_path / "theirs"
    for folder in (dead, theirs):
        folder.mkdir()
        (folder / "1.json").touch()
    link = tmp_path / f"{PREFIX}link"
    link.symlink_to(theirs)
    with metrics_folder() as first, metrics_folder() as second:
        assert {*tmp_path.iterdir()} == {theirs, link, Path(first), Path(second)}
        assert (theirs / "1.json").exists()
    assert {*tmp_path.iterdir()} == {theirs, link}


def test_every_gauge_of_a_worker_has_a_source(a_client: AClient, database_url: str) -> None:
    client = a_client(database_url)
    assert set(client.app.state.metrics.sources) == set(GAUGES)  # type: ignore[attr-defined]


def test_the_age_of_what_webhooks_have_not_received_is_told(loaded_url: str) -> None:
    with practising(loaded_url) as service:
        reader = TestClient(service.app, client=(HERE, 1))
        assert samples(reader)["workplan_outbox_lag_seconds",] == 0
        assert service.post(WEBHOOKS, a_webhook(), role="admin").status_code == 201
        assert service.post(REPORTS, a_report()).status_code == 201
        service.now = service.now.replace(hour=17)
        found = samples(reader)
    assert found["workplan_outbox_pending",] == 1
    assert found["workplan_outbox_lag_seconds",] == pytest.approx(3600)


def test_a_request_leaves_no_cycle_for_garbage_collection() -> None:
    """The server's `send` refers to the scope; the notes in the scope refer to `send`."""
    ended: list[str] = []

    class Exchange:
        def __init__(self) -> None:
            self.scope: Scope = {"type": "http", "method": "GET", "path": "/", "headers": []}

        async def send(self, message: Message) -> None:
            assert self.scope

        def __del__(self) -> None:
            ended.append("freed")

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    limited = Limit(respond, Settings(rate_limit="5/minute"), Metrics())
    for layer in (Observe(respond, Metrics(), logs_all=False), limited):
        exchange = Exchange()
        asyncio.run(layer(exchange.scope, receive, exchange.send))
        gc.disable()
        del exchange
        gc.enable()
    assert ended == ["freed"] * 2


async def receive() -> Message:
    return {"type": "http.request", "body": b""}


def test_every_operation_is_counted_by_its_path_in_the_contract(
    a_client: AClient, database_url: str
) -> None:
    client = a_client(database_url)
    paths = client.get("/openapi.json").json()["paths"]
    operations = {
        (method.upper(), path)
        for path, of_path in paths.items()
        for method in of_path
        if method in ("get", "post", "patch", "delete")
    }
    assert len(operations) > 80
    for method, path in operations:
        client.request(method, re.sub(r"\{\w+\}", "1", path))
    counted = {labels[2:4] for labels in samples(client) if labels[0].endswith("_count")}
    assert operations - counted == set()


def test_metrics_tell_that_the_database_is_gone(a_client: AClient, empty_url: str) -> None:
    found = samples(a_client(empty_url))
    assert found["workplan_database_up",] == 0
    assert ("workplan_data_revision",) not in found


def test_a_request_is_one_line_of_json_without_what_the_client_sent(
    a_client: AClient, database_url: str, lines: io.StringIO
) -> None:
    client = a_client(database_url, access_log=True)
    hostile = "%0A%1B%5B2J%E2%80%A8%7B%22level%22%3A%22error%22%7D"
    key = {"Authorization": "Bearer wp_secret"}
    answer = client.get(f"/v1/tasks/{hostile}?q=张三&k=wp_secret", headers=key)
    client.get("/v1/tasks/gd-dg-2022-t1")
    first, second = map(json.loads, lines.getvalue().splitlines())
    assert {name: first.pop(name) for name in ("duration_ms", "time")}
    assert first == {
        "message": "request",
        "level": "info",
        "logger": "app.requests",
        "method": "GET",
        "route": "/v1/tasks/{task_id}",
        "status": 422,
        "cache": "miss",
        "request_id": answer.headers["x-request-id"],
    }
    assert (second["route"], second["status"]) == ("/v1/tasks/{task_id}", 200)


def test_a_line_of_the_server_is_said_once_without_its_colours(lines: io.StringIO) -> None:
    coloured = {"color_message": "Started [\x1b[36m%d\x1b[0m]"}
    logging.getLogger("app").info("Started [%d]", 7, extra=coloured)
    line = json.loads(lines.getvalue())
    assert line["message"] == "Started [7]"
    assert line.keys() == {"level", "logger", "time", "message"}


def test_hostile_text_in_any_log_stays_one_line_of_ascii() -> None:
    lines = io.StringIO()
    # A logger of its own: what others log stands in reports of tests, which take only Unicode.
    logger = logging.Logger("app")  # noqa: LOG001
    logger.addHandler(writing_to(lines))
    hostile = 'a\nb\r\x1b[2J\u2028\x85"}\ud800'
    try:
        raise ValueError(hostile)
    except ValueError:
        logger.exception("failed: %s", hostile)
    written = lines.getvalue()
    assert re.fullmatch(r"[ -~]+\n", written)
    assert json.loads(written)["message"] == f"failed: {hostile}"
    assert "ValueError" in json.loads(written)["exception"]


def test_errors_are_logged_without_the_access_log_and_without_the_values_of_statements(
    a_client: AClient, empty_url: str, lines: io.StringIO
) -> None:
    client = a_client(empty_url)
    status = client.get("/v1/tasks?q=张三").status_code
    assert status >= 500
    assert client.get("/v1/nothing").status_code == 404
    written = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [one["status"] for one in written if one["message"] == "request"] == [status]
    assert "张" not in json.dumps(written, ensure_ascii=False)


def test_errors_of_the_database_hide_the_values(database_url: str) -> None:
    """Statements have names of people among their values, and errors are logged."""
    engine: Any = open_reading(database_url, pool_size=1).engine
    assert getattr(engine, "sync_engine", engine).hide_parameters
    writing = open_writing(database_url)
    assert writing.hide_parameters
    writing.dispose()


def test_telemetry_is_off_unless_set_and_never_takes_what_clients_sent_into_its_logs(
    a_client: AClient, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment names no endpoint, so nothing is sent; without the extra it would be a warning."""
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    for is_on in (False, True):
        client = a_client(database_url, opentelemetry=is_on)
        assert client.get("/v1/tasks?limit=1").status_code == 200
        telemetry: Any = client.app.state.telemetry  # type: ignore[attr-defined]
        assert telemetry == {
            "tracing": is_on, "metrics": is_on, "logs": False, "auto_configure": is_on,
        }  # fmt: skip
