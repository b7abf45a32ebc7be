"""Requests of the test client with one change of threads each.

Starlette's changes to the thread of the service and back eight times for a request, so that it can give
a body part by part: of what is read whole, that was most of the work.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

import anyio
import httpx2
import pytest
from starlette.testclient import TestClient, _TestClientTransport
from starlette.types import Message

READ_WHOLE = "tests.read_whole"
PORTS = {"http": 80, "https": 443}


def scope_of(transport: _TestClientTransport, request: httpx2.Request) -> dict[str, Any]:
    url = request.url
    return {
        "type": "http",
        "http_version": "1.1",
        "method": request.method,
        "path": unquote(url.path),
        "raw_path": url.raw_path.split(b"?", 1)[0],
        "root_path": transport.root_path,
        "scheme": url.scheme,
        "query_string": url.query,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": transport.client,
        "server": [url.host, url.port or PORTS[url.scheme]],
        "extensions": {},
        "state": transport.app_state.copy(),
    }


async def response_to(transport: _TestClientTransport, request: httpx2.Request) -> httpx2.Response:
    """What Starlette's transport gives, with the whole body."""
    start: Message | None = None
    parts: list[bytes] = []
    is_asked, is_complete = False, anyio.Event()

    async def receive() -> Message:
        nonlocal is_asked
        if is_asked:
            await is_complete.wait()
            return {"type": "http.disconnect"}
        is_asked = True
        return {"type": "http.request", "body": request.read()}

    async def send(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            assert start is None
            start = message
        else:
            assert start is not None
            assert not is_complete.is_set()
            parts.append(bytes(message.get("body", b"")))
            if not message.get("more_body", False):
                is_complete.set()

    try:
        await transport.app(scope_of(transport, request), receive, send)
    except Exception:
        if transport.raise_server_exceptions:
            raise
    if start is None:
        assert not transport.raise_server_exceptions, "no response"
        return httpx2.Response(500, request=request)
    body = b"" if request.method == "HEAD" else b"".join(parts)
    stream = httpx2.ByteStream(body)
    return httpx2.Response(
        start["status"], headers=start.get("headers", []), stream=stream, request=request
    )


@contextmanager
def one_turn() -> Iterator[None]:
    """Requests that are not streamed are made in one turn."""
    send, handle = TestClient.send, _TestClientTransport.handle_request

    def mark(client: TestClient, request: httpx2.Request, **how: Any) -> httpx2.Response:
        request.extensions[READ_WHOLE] = not how.get("stream")
        return send(client, request, **how)

    def in_one_turn(transport: _TestClientTransport, request: httpx2.Request) -> httpx2.Response:
        if not request.extensions.get(READ_WHOLE) or request.url.scheme not in PORTS:
            return handle(transport, request)
        with transport.portal_factory() as portal:
            loop: Any = portal._token.native_token  # `portal.call` changes threads twice
            return asyncio.run_coroutine_threadsafe(response_to(transport, request), loop).result()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(TestClient, "send", mark)
        patched.setattr(_TestClientTransport, "handle_request", in_one_turn)
        yield
