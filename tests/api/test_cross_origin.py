"""Pages of other origins read without a key; only named ones send credentials."""

from collections.abc import Iterator

import pytest
from pydantic import ValidationError
from starlette.testclient import TestClient

from app.main import create_app
from app.middleware.security_headers import DEFAULTS
from app.openapi.texts import HEADERS
from app.settings import Settings

PAGE = "https://app.example.gov.cn"
STRANGER = "https://stranger.example"
# What pages can read anyway (Fetch, section 2.2.2.6.1), and what browsers keep to themselves.
FOR_BROWSERS = {name.decode() for name, _ in DEFAULTS}
SAFE = {"cache-control", "content-language", "content-length", "content-type", "expires",
        "last-modified", "pragma", "content-encoding", "date", "transfer-encoding"}  # fmt: skip
PATHS = ["/v1/tasks?limit=1", "/v1/tasks/none", "/v1/tasks?limit=0", "/openapi.json", "/docs", "/x"]


@pytest.fixture(scope="module")
def naming(database_url: str) -> Iterator[TestClient]:
    """The service of an operator who names one origin."""
    settings = Settings(database_url=database_url, credentialed_origins=frozenset([PAGE]))
    with TestClient(create_app(settings)) as client:
        yield client


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("origin", [None, STRANGER])
def test_anyone_may_read_whoever_asked_first(
    client: TestClient, path: str, origin: str | None
) -> None:
    answer = client.get(path, headers={"Origin": origin} if origin else {})
    assert answer.headers["access-control-allow-origin"] == "*"
    exposed = answer.headers["access-control-expose-headers"].split(", ")
    assert {"ETag", "Link", "Retry-After", "X-Request-ID"} <= set(exposed)
    assert "access-control-allow-credentials" not in answer.headers
    assert "Origin" not in answer.headers.get("vary", "")  # the same for all: one copy is enough


def test_every_header_of_the_contract_may_be_read(client: TestClient) -> None:
    exposed = client.get("/v1/tasks?limit=1").headers["access-control-expose-headers"].split(", ")
    downloaded = client.get("/v1/tasks?format=csv").headers
    for name in [*HEADERS, *downloaded]:
        if name.lower() not in SAFE | FOR_BROWSERS and not name.startswith("access-control-"):
            assert name.lower() in [one.lower() for one in exposed], name


def test_a_304_may_be_read_too(client: TestClient) -> None:
    etag = client.get("/v1/tasks").headers["etag"]
    answer = client.get("/v1/tasks", headers={"If-None-Match": etag, "Origin": STRANGER})
    assert answer.status_code == 304
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("path", PATHS)
def test_a_named_origin_may_send_credentials(naming: TestClient, path: str) -> None:
    answer = naming.get(path, headers={"Origin": PAGE})
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert answer.headers["access-control-allow-credentials"] == "true"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("origin", [None, PAGE, STRANGER, f"{PAGE}.evil.example", "null"])
def test_where_origins_are_named_every_answer_varies_by_origin(
    naming: TestClient, path: str, origin: str | None
) -> None:
    answer = naming.get(path, headers={"Origin": origin} if origin else {})
    assert "Origin" in [part.strip() for part in answer.headers["vary"].split(",")]
    if origin != PAGE:
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers


def test_a_preflight_says_what_may_be_sent(client: TestClient) -> None:
    answer = client.options(
        "/v1/tasks",
        headers={
            "Origin": STRANGER,
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "if-none-match",
        },
    )
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
    assert "If-None-Match" in answer.headers["access-control-allow-headers"].split(", ")
    assert int(answer.headers["access-control-max-age"]) > 0


def test_a_preflight_of_nothing_is_404(client: TestClient) -> None:
    answer = client.options(
        "/x", headers={"Origin": STRANGER, "Access-Control-Request-Method": "GET"}
    )
    assert answer.status_code == 404


@pytest.mark.parametrize("wrong", ["*", "app.example", "https://a.example/", "https://A.example"])
def test_what_is_no_origin_is_refused_at_the_start(wrong: str) -> None:
    with pytest.raises(ValidationError, match="is not an origin; use scheme://host"):
        Settings.model_validate({"credentialed_origins": f"https://b.example, {wrong}"})


def test_origins_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKPLAN_CREDENTIALED_ORIGINS", f"{PAGE}, http://localhost:5173")
    assert Settings().credentialed_origins == {PAGE, "http://localhost:5173"}
