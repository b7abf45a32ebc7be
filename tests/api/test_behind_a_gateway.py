"""Behind a gateway that strips a prefix, every link leads back through the gateway."""

import json
import re
import socket
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import yaml
from httpx2 import Response
from pydantic import ValidationError
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from app.main import create_app
from app.settings import LONGEST_PREFIX, Settings, valid_prefix
from tests.support.practice import REPORTS, Service, a_report
from tests.support.serving import serving

PREFIX = "/gov/work-plans"
HOST = "https://plans.example.gov.cn"
PROXY, STRANGER = "10.1.2.3", "192.0.2.7"


class Gateway:
    """Passes on what is under its prefix, without the prefix, as from an address."""

    def __init__(self, app: ASGIApp, peer: str = PROXY, *, tells: bool = False) -> None:
        self.app, self.peer, self.tells = app, peer, tells

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = scope["headers"]
            if self.tells:
                headers = [*headers, (b"x-forwarded-prefix", PREFIX.encode())]
            if not scope["path"].startswith(PREFIX):
                await send({"type": "http.response.start", "status": 421, "headers": []})
                await send({"type": "http.response.body", "body": b"not of this gateway"})
                return
            scope = {
                **scope,
                "path": scope["path"].removeprefix(PREFIX),
                "raw_path": scope["raw_path"].removeprefix(PREFIX.encode()),
                "client": (self.peer, 1),
                "headers": headers,
            }
        await self.app(scope, receive, send)


SETUPS: list[tuple[dict[str, Any], bool]] = [
    ({"root_path": PREFIX}, False),
    ({"public_url": f"{HOST}{PREFIX}"}, False),
    ({"public_url": HOST, "root_path": f"{PREFIX}/"}, False),
    ({"trusted_proxies": "10.1.0.0/16, ::1"}, True),
    ({"trusted_proxies": PROXY, "root_path": "/another"}, True),
]


@pytest.fixture(
    scope="module",
    params=SETUPS,
    ids=["root_path", "public_url", "both", "told", "told_otherwise"],
)
def outside(request: pytest.FixtureRequest, database_url: str) -> Iterator[TestClient]:
    settings, tells = request.param
    app = create_app(
        Settings.model_validate(
            {"database_url": database_url, "webhook_delivery": False, **settings}
        )
    )
    with TestClient(Gateway(app, tells=tells), base_url=HOST) as client:
        yield client


def targets_of_link(header: str) -> list[str]:
    return re.findall(r"<([^>]*)>", header)


def test_every_link_of_the_service_leads_through_the_gateway(outside: TestClient) -> None:
    service = outside.get(f"{PREFIX}/v1").json()
    for name, link in service["links"].items():
        bare = re.sub(r"\{.*\}", "", link)
        query = {"monitoring": "?plan=gd-dg-2022", "search": "?q=数据"}.get(name, "")
        assert outside.get(f"{bare}{query}").status_code == 200, name
    first = outside.get(f"{PREFIX}/v1/tasks?limit=2&agency=gd-energy&agency=gd-finance")
    for link in targets_of_link(first.headers["link"]):
        assert outside.get(link).status_code == 200, link
    assert "cursor=" in first.headers["link"]
    hits = outside.get(f"{PREFIX}/v1/search?q=数据").json()["data"]
    assert [outside.get(hit["href"]).json()["id"] for hit in hits] == [hit["id"] for hit in hits]


def test_a_slash_too_many_leads_through_the_gateway(outside: TestClient) -> None:
    answer = outside.get(f"{PREFIX}/v1/tasks/?limit=1", follow_redirects=False)
    assert answer.headers["location"] == f"{PREFIX}/v1/tasks?limit=1"
    assert outside.get(f"{PREFIX}/v1/tasks/?limit=1").status_code == 200


def test_problems_lead_to_their_pages(outside: TestClient) -> None:
    for path in ("/v1/tasks/none", "/v1/tasks?limit=0", "/v1/%ff", "/nothing"):
        problem = outside.get(f"{PREFIX}{path}").json()
        page = outside.get(problem["type"])
        assert (page.status_code, page.headers["content-type"][:9]) == (200, "text/html")
        assert problem["instance"] == f"{PREFIX}{path.partition('?')[0]}"
        back = re.search(r'href="([^"]+)"', page.text)
        assert back
        assert outside.get(back[1]).status_code == 200


def test_the_pages_of_the_contract_find_all_they_need(outside: TestClient) -> None:
    for page in ("/docs", "/redoc"):
        html = outside.get(f"{PREFIX}{page}").text
        named = re.findall(r"""(?:src|href|spec-url|url)(?:=|: )["']([^"']+)["']""", html)
        named = [one for one in named if not one.startswith("data:")]
        assert len(named) >= 3
        for one in named:
            assert outside.get(urljoin(f"{HOST}{PREFIX}{page}", one)).status_code == 200, one
    contract = outside.get(f"{PREFIX}/openapi.json").json()
    assert yaml.load(outside.get(f"{PREFIX}/openapi.yaml").text, yaml.CSafeLoader) == contract
    server = urljoin(f"{HOST}{PREFIX}/openapi.json", contract["servers"][0]["url"])
    assert outside.get(f"{server.rstrip('/')}/v1/plans").status_code == 200


def test_readers_of_feeds_and_calendars_find_their_way(outside: TestClient) -> None:
    place = f"{HOST}{PREFIX}/v1/changes.atom"
    feed = outside.get(f"{place}?limit=3").text
    links = [unescape(href) for href in re.findall(r'href="([^"]+)"', feed)]
    assert len(links) > 3
    for link in links:
        assert outside.get(urljoin(place, link)).status_code == 200, link
    calendar = outside.get(f"{PREFIX}/v1/deadlines.ics").text.replace("\r\n ", "")
    for link in re.findall(r"(?m)^URL[^:]*:(\S+)", calendar):
        assert outside.get(link).status_code == 200, link


def test_documents_and_the_feed_have_no_prefix(outside: TestClient, client: TestClient) -> None:
    for path in ("/v1/tasks?limit=1000", "/v1/changes?limit=1000", "/v1/tasks?format=ndjson",
                 "/v1/plans/gd-dg-2022/download"):  # fmt: skip
        one, other = outside.get(f"{PREFIX}{path}"), client.get(path)
        assert one.content == other.content, path
        if "format" not in path:
            assert one.headers["etag"] == other.headers["etag"], path


def test_what_was_written_is_where_its_location_says(loaded_url: str) -> None:
    service = Service(loaded_url, root_path=PREFIX)
    headers = {"Authorization": f"Bearer {service.key()}", "Idempotency-Key": "once"}
    with TestClient(Gateway(service.app)) as client:
        for _ in range(2):  # the second is what was stored of the first
            answer = client.post(f"{PREFIX}{REPORTS}", json=a_report(), headers=headers)
            assert answer.status_code == 201, answer.text
            for name in ("location", "content-location"):
                assert client.get(answer.headers[name]).json() == answer.json()


class Forged:
    """One service asked by whoever the test says, with headers that name another place."""

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.peer, self.said = app, "", ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            forged = [
                (b"x-forwarded-prefix", self.said.encode()),
                (b"forwarded", b"for=x;host=evil.example"),
                (b"x-forwarded-host", b"evil.example"),
                (b"x-forwarded-proto", b"gopher"),
            ]
            peer = (self.peer, 1) if self.peer else None
            scope = {**scope, "client": peer, "headers": [*scope["headers"], *forged]}
        await self.app(scope, receive, send)


@pytest.fixture(scope="module")
def forged(database_url: str) -> Iterator[tuple[Forged, TestClient]]:
    settings = {"database_url": database_url, "trusted_proxies": PROXY, "webhook_delivery": False}
    between = Forged(create_app(Settings.model_validate(settings)))
    with TestClient(between) as client:
        yield between, client


FORGED = ("/v1", "/v1/tasks?limit=1", "/v1/tasks/none", "/docs")


@pytest.fixture(scope="module")
def unforged(client: TestClient) -> dict[str, Response]:
    """What the paths give without a gateway."""
    return {path: client.get(path) for path in FORGED}


@pytest.mark.parametrize(
    "said",
    ["/evil", "//evil.example", "https://evil.example", "/a/../b", "/a b", "/a?b", "/é", "/%2e%2e",
     "/a\\b", "a", "/a//b", "/.", "/<script>", "/" + "a" * LONGEST_PREFIX],
)  # fmt: skip
@pytest.mark.parametrize("peer", [STRANGER, PROXY, ""], ids=["stranger", "proxy", "nobody"])
def test_a_prefix_that_nobody_vouches_for_changes_nothing(
    forged: tuple[Forged, TestClient], unforged: dict[str, Response], said: str, peer: str
) -> None:
    between, asked = forged
    between.said, between.peer = said, peer
    for path, same in unforged.items():
        one = asked.get(path)
        if said == "/evil" and peer == PROXY:
            assert "/evil/" in one.text + one.headers.get("link", ""), path
            continue
        assert b"evil" not in one.content
        assert one.headers.get("link") == same.headers.get("link")
        if one.status_code == 200:
            assert one.content == same.content


def test_what_is_no_http_leads_to_its_problem_through_the_gateway(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKPLAN_ROOT_PATH", PREFIX)
    with (
        serving(database_url) as (port, _),
        socket.create_connection(("127.0.0.1", port), timeout=10) as line,
    ):
        line.sendall(b"GET / HTTP/1.1\r\nno header\r\n\r\n")
        came = b""
        while chunk := line.recv(10_000):
            came += chunk
    problem = json.loads(came.partition(b"\r\n\r\n")[2])
    assert problem["type"] == f"{PREFIX}/problems/malformed-request"


def test_each_prefix_has_cached_responses_of_its_own(database_url: str) -> None:
    settings = {"database_url": database_url, "trusted_proxies": "10.1.2.3"}
    app = create_app(Settings.model_validate(settings))

    async def through(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "client": (PROXY, 1)}, receive, send)

    with TestClient(through) as asked:
        for _ in range(2):
            for prefix in ("/one", "/two", ""):
                headers = {"X-Forwarded-Prefix": prefix} if prefix else {}
                links = asked.get("/v1", headers=headers).json()["links"]
                assert links["tasks"] == f"{prefix}/v1/tasks"
                server = asked.get("/openapi.json", headers=headers).json()["servers"][0]["url"]
                assert server == (prefix or "/")


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("root_path", "api"), ("root_path", "//host"), ("root_path", "/a/../b"), ("root_path", "/a b"),
     ("root_path", "https://x"), ("public_url", "plans.example"), ("public_url", "//host"), ("public_url", ""),
     ("public_url", "https://h/a?b"), ("public_url", "https://h//a"), ("public_url", "ftp://h"),
     ("trusted_proxies", "proxy.example"), ("trusted_proxies", "10.0.0.1/8"),
     ("trusted_proxies", "*")],
)  # fmt: skip
def test_wrong_settings_are_refused_at_the_start(name: str, wrong: str) -> None:
    with pytest.raises(ValidationError, match="use |has host bits"):
        Settings.model_validate({name: wrong})


def test_two_prefixes_that_contradict_each_other_are_refused() -> None:
    both = {"root_path": "/a", "public_url": f"{HOST}/b"}
    with pytest.raises(ValidationError, match="set one of them, or both the same"):
        Settings.model_validate(both)
    assert Settings.model_validate({**both, "root_path": "/b"}).base == f"{HOST}/b"


def test_prefixes_are_validated_strictly() -> None:
    assert [valid_prefix(one) for one in ("", "/", "/a", "/a/", "/a.b/c~d_e-f")] == [
        "", "", "/a", "/a", "/a.b/c~d_e-f",
    ]  # fmt: skip


def test_cards_of_robots_lead_through_the_gateway() -> None:
    for settings in ({"public_url": HOST, "root_path": PREFIX}, {"public_url": HOST + PREFIX}):
        assert urlsplit(Settings.model_validate(settings).base).path == PREFIX


def test_it_is_the_same_json_but_for_the_prefix(outside: TestClient, client: TestClient) -> None:
    service = outside.get(f"{PREFIX}/v1").json()
    assert service["html_base"].endswith(PREFIX)
    through = json.dumps({**service, "html_base": ""})
    assert through.replace(f'"{PREFIX}/', '"/') == json.dumps(client.get("/v1").json())
