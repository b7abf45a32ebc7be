"""A limit: fixed bytes from plain ASGI on uvicorn, or a 304 to whoever sends `If-None-Match`.

`uvicorn bench.fixed:app` with BENCH_BODY, a file.
"""

import os
from pathlib import Path

from starlette.types import Receive, Scope, Send

BODY = Path(os.environ["BENCH_BODY"]).read_bytes()
HEADERS = [
    (b"content-type", b"application/json"),
    (b"content-length", str(len(BODY)).encode()),
    (b"etag", b'"fixed"'),
]
NOT_MODIFIED = [(b"etag", b'"fixed"')]


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The same answer to everything."""
    if scope["type"] != "http":
        return
    known = any(name == b"if-none-match" for name, _ in scope["headers"])
    status, headers, body = (304, NOT_MODIFIED, b"") if known else (200, HEADERS, BODY)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
