"""Requests that are read whole get what Starlette's own transport, which streams, gets."""

import pytest
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

CHANGING = ("x-request-id", "date")


async def asgi(scope: Scope, receive: Receive, send: Send) -> None:
    """Echoes what it gets in parts; then breaks off, or does not begin at all."""
    assert scope["type"] == "http"
    body = (await receive())["body"]
    if scope["path"] == "/none":
        raise OSError("none")
    headers = [(b"Set-Cookie", b"a=1"), (b"Set-Cookie", b"b=2"), *scope["headers"]]
    await send({"type": "http.response.start", "status": 202, "headers": headers})
    told = repr([scope[name] for name in ("method", "path", "raw_path", "query_string", "server")])
    for part in (told.encode(), body, b"cut"):
        await send({"type": "http.response.body", "body": part, "more_body": True})
    if scope["path"] == "/cut":
        raise OSError("cut")
    await send({"type": "http.response.body", "body": b"end"})
    assert (await receive())["type"] == "http.disconnect"


def both(client: TestClient, method: str, path: str, body: bytes | None) -> list[object]:
    """Status, headers and body: read whole, and as a stream."""
    whole = client.request(method, path, content=body)
    client.cookies.clear()
    with client.stream(method, path, content=body) as streamed:
        streamed.read()
    client.cookies.clear()
    return [
        (
            one.status_code,
            [pair for pair in one.headers.multi_items() if pair[0] not in CHANGING],
            one.content,
        )
        for one in (whole, streamed)
    ]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/a%252Fb/%E7%9C%81?q=%E7%9C%81&q=+", None),
        ("HEAD", "/", None),
        ("POST", "/", "省".encode()),
        ("GET", "/cut", None),
        ("GET", "/none", None),
    ],
)
def test_what_is_read_whole_is_what_is_streamed(method: str, path: str, body: bytes | None) -> None:
    whole, streamed = both(TestClient(asgi, raise_server_exceptions=False), method, path, body)
    assert whole == streamed


@pytest.mark.parametrize("path", ["/cut", "/none"])
def test_what_the_service_raises_is_raised(path: str) -> None:
    with pytest.raises(OSError, match=path[1:]):
        TestClient(asgi).get(path)


@pytest.mark.parametrize("path", ["/v1/tasks?limit=2", "/v1/tasks?format=csv", "/"])
def test_the_service_responds_alike(client: TestClient, path: str) -> None:
    whole, streamed = both(client, "GET", path, None)
    assert whole == streamed
