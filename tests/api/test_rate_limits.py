"""Limits that an operator sets: rates of clients and keys, hosts, concurrent requests."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from app.main import create_app
from app.middleware import counts
from app.middleware.counts import InMemory, InRedis
from app.middleware.limits import Limit, site_of
from app.settings import Settings
from app.telemetry.metrics import LIMITED, Metrics
from tests.support.practice import REPORTS, a_report, practising
from tests.support.redis_counts import RedisCounts

PEER, PROXY = "192.0.2.7", "10.1.2.3"
PATH = "/v1/tasks?limit=1"
AClient = Callable[..., TestClient]


@pytest.fixture
def a_client(on_sqlite: Any) -> Iterator[AClient]:
    """Makes clients, each of a service of its own; limits do not depend on the database."""
    with on_sqlite.loaded() as url, ExitStack() as stack:

        def make(peer: str = PEER, **settings: Any) -> TestClient:
            app = create_app(Settings(database_url=url, webhook_delivery=False, **settings))
            client = TestClient(app, raise_server_exceptions=False, client=(peer, 1))
            return stack.enter_context(client)

        yield make


def statuses(client: TestClient, *headers: dict[str, str]) -> list[int]:
    return [client.get(PATH, headers=each).status_code for each in headers]


def test_beyond_the_rate_a_client_gets_a_problem_that_says_when_to_try_again(
    a_client: AClient,
) -> None:
    client = a_client(rate_limit="2/hour")
    first = client.get(PATH)
    assert first.headers["ratelimit-policy"] == '"client";q=2;w=3600'
    assert first.headers["ratelimit"] == '"client";r=1;t=3600'
    assert client.head(PATH).headers["ratelimit"].startswith('"client";r=0;')
    refused = client.get(PATH)
    assert refused.status_code == 429
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"] == "/problems/rate-limited"
    assert refused.json()["request_id"] == refused.headers["x-request-id"]
    assert 3590 <= int(refused.headers["retry-after"]) <= 3600
    assert refused.headers["ratelimit"].startswith('"client";r=0;')
    assert refused.headers["access-control-allow-origin"] == "*"
    assert refused.headers["x-content-type-options"] == "nosniff"
    assert "RateLimit" in refused.headers["access-control-expose-headers"]
    assert client.head(PATH).content == b""
    assert client.get("/problems/rate-limited").status_code == 429  # everything counts
    assert [client.get(path).status_code for path in ("/livez", "/readyz")] == [200, 200]
    limited = client.app.state.metrics.counters[LIMITED, ("client",)]  # type: ignore[attr-defined]
    assert limited == 3


def test_without_settings_nothing_is_limited_and_no_header_says_so(client: TestClient) -> None:
    assert not any(name.startswith("ratelimit") for name in client.get(PATH).headers)


def test_responses_that_say_nothing_changed_are_free(a_client: AClient) -> None:
    client = a_client(rate_limit="2/hour")
    known = {"If-None-Match": client.get(PATH).headers["etag"]}
    for _ in range(5):
        again = client.get(PATH, headers=known)
        assert again.status_code == 304
        assert again.headers["ratelimit"].startswith('"client";r=1;')
    assert statuses(client, {}, {}) == [200, 429]


def test_a_forged_header_changes_nothing(a_client: AClient) -> None:
    forged: list[dict[str, str]] = [
        {"X-Forwarded-For": f"198.51.100.{number}", "Forwarded": f"for=198.51.100.{number}"}
        for number in range(3)
    ]
    assert statuses(a_client(rate_limit="2/hour"), *forged) == [200, 200, 429]
    behind = a_client(PROXY, rate_limit="2/hour", trusted_proxies=PROXY)
    appended = [{"X-Forwarded-For": f"198.51.100.{number}, {PEER}"} for number in range(3)]
    assert statuses(behind, *appended) == [200, 200, 429]  # the proxy's word counts
    assert statuses(behind, {"X-Forwarded-For": "192.0.2.8"}) == [200]


def test_an_ipv6_site_is_one_client() -> None:
    assert site_of("2001:db8:1:2:3::4") == site_of("2001:db8:1:2:ffff::") == "2001:db8:1:2::/64"
    assert site_of("2001:db8:1:3::4") != site_of("2001:db8:1:2::4")
    assert site_of("::ffff:192.0.2.7") == site_of("192.0.2.7") == "192.0.2.7"
    assert site_of(None) == site_of("testclient") == "unknown"


def test_a_key_has_a_rate_of_its_own_and_an_invalid_one_takes_nothing(loaded_url: str) -> None:
    with practising(loaded_url, key_rate_limit="2/hour", rate_limit="100/hour") as service:
        forged = {"Authorization": f"Bearer {service.key()[:-75]}{'0' * 75}"}
        assert service.client.post(REPORTS, json=a_report(), headers=forged).status_code == 401
        answers = [service.report(as_of=f"2022-06-0{day}") for day in (1, 2, 3)]
        assert [answer.status_code for answer in answers] == [201, 201, 429]
        policies = answers[0].headers["ratelimit-policy"]
        assert policies == '"client";q=100;w=3600, "key";q=2;w=3600'
        assert '"key";r=1;' in answers[0].headers["ratelimit"]
        assert answers[2].json()["type"] == "/problems/rate-limited"
        other = service.post("/v1/reports/none/withdrawal", {"reason": "试验"}, "coordinator")
        assert other.status_code == 404
        assert service.client.get(REPORTS).status_code == 200


async def _receive() -> Message:
    return {"type": "http.request", "body": b""}


def test_beyond_the_concurrent_requests_one_is_refused_at_once() -> None:
    async def run() -> list[Message]:
        release = asyncio.Event()

        async def held(scope: Scope, receive: Receive, send: Send) -> None:
            await release.wait()

        layer = Limit(held, Settings(concurrent_requests=2), Metrics())
        scope: Scope = {"type": "http", "method": "GET", "path": "/v1", "headers": []}
        scope.update(query_string=b"", raw_path=b"/v1")
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        running = [asyncio.create_task(layer(dict(scope), _receive, send)) for _ in range(2)]
        await asyncio.sleep(0)
        await layer(dict(scope), _receive, send)
        release.set()
        await asyncio.gather(*running)
        assert layer.running == 0
        await layer(dict(scope), _receive, send)
        return sent

    start, body = asyncio.run(run())
    assert start["status"] == 503
    assert (b"retry-after", b"2") in start["headers"]
    assert b"/problems/unavailable" in body["body"]


def test_only_the_hosts_of_the_service_are_served(a_client: AClient) -> None:
    client = a_client(allowed_hosts="plans.example.gov.cn,10.0.0.5")
    served = ["plans.example.gov.cn", "PLANS.example.gov.cn:8443", "10.0.0.5:80"]
    others = ["evil.example", "plans.example.gov.cn.evil.example", "plans.example.gov.cn:x", ""]
    assert statuses(client, *({"Host": host} for host in served)) == [200] * len(served)
    assert statuses(client, *({"Host": host} for host in others)) == [400] * len(others)
    assert client.get("/readyz", headers={"Host": "10.9.9.9"}).status_code == 200


def test_a_window_ends_and_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "MOST_BYTES", 100_000)
    now = 0.0
    memory = InMemory(lambda: now)

    async def run() -> None:
        nonlocal now
        assert [await memory.add("a", 60, 1) for _ in range(2)] == [(1, 60.0), (2, 60.0)]
        now = 59.0
        assert await memory.add("a", 60, 1) == (3, 1.0)
        now = 60.0
        assert await memory.add("a", 60, 1) == (1, 60.0)
        for number in range(1000):
            await memory.add(f"client {number}", 60, 1)

    asyncio.run(run())
    assert memory.windows.bytes <= 100_000
    assert 100 < len(memory.windows.entries) < 1000


def test_no_window_has_more_seconds_left_than_it_lasts() -> None:
    now = 2616.133458640555
    assert now + 3600 - now > 3600  # as floats have it: rounded up, another second
    assert asyncio.run(InMemory(lambda: now).add("a", 3600, 1)) == (1, 3600)
    redis = InRedis("redis://127.0.0.1:1/0")
    redis.storage = RedisCounts(seconds_left=65)  # type: ignore[assignment] # its clock is ahead
    assert asyncio.run(redis.add("a", 60, 1)) == (1, 60)


def test_without_redis_each_worker_counts_by_itself(caplog: pytest.LogCaptureFixture) -> None:
    redis = InRedis("redis://:secret@127.0.0.1:1/0")

    async def run() -> list[int]:
        return [(await redis.add("a", 60, 1))[0] for _ in range(3)]

    assert asyncio.run(run()) == [1, 2, 3]
    assert [one.message for one in caplog.records] == ["rate limits, Redis: ConnectionError"]


def test_with_redis_all_workers_count_together() -> None:
    workers, storage = [InRedis("redis://127.0.0.1:1/0") for _ in range(2)], RedisCounts()
    for one in workers:
        one.storage = storage  # type: ignore[assignment]

    async def run() -> list[int]:
        return [(await one.add("a", 60, 1))[0] for one in workers * 2]

    assert asyncio.run(run()) == [1, 2, 3, 4]


def test_settings_that_are_no_limits_prevent_the_start() -> None:
    wrongs: list[dict[str, Any]] = [
        {"rate_limit": "600"},
        {"rate_limit": "0/minute"},
        {"key_rate_limit": "many/minute"},
        {"rate_limit_store": SecretStr("http://127.0.0.1")},
        {"concurrent_requests": 0},
        {"allowed_hosts": "https://a.example"},
        {"security_contact": "me"},
    ]
    for wrong in wrongs:
        with pytest.raises(ValidationError):
            Settings(**wrong)


def test_security_txt_is_there_once_the_operator_names_a_contact(a_client: AClient) -> None:
    path = "/.well-known/security.txt"
    assert a_client().get(path).status_code == 404
    url = "https://plans.example.gov.cn/workplan"
    found = a_client(security_contact="mailto:security@example.gov.cn", public_url=url).get(path)
    assert found.headers["content-type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in found.text.splitlines())
    assert fields.pop("Expires").endswith("T00:00:00Z")
    assert fields == {
        "Contact": "mailto:security@example.gov.cn",
        "Preferred-Languages": "zh, en",
        "Canonical": f"{url}{path}",
    }


@pytest.mark.parametrize("path", [PATH, "/v1/nothing", "/", "/docs", "/readyz", "/openapi.yaml"])
def test_no_response_may_be_taken_for_something_else(client: TestClient, path: str) -> None:
    for _ in range(2):  # cached, the second time
        headers = client.get(path).headers
        assert headers.get_list("x-content-type-options") == ["nosniff"]
        assert len(headers.get_list("content-security-policy")) == 1
