"""What is no HTTP request at all, answered below ASGI."""

import json
import re
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.cross_origin import ANYONE
from app.errors import PROBLEMS_PATH, MalformedRequestError
from app.wire import new_request_id

UPGRADE = re.compile(rb"(?i)(?<=\n)upgrade(?=:)")


class ProblemProtocol(HttpToolsProtocol):
    """HTTP whose parser, too, says in a problem document why it refuses a request.

    And which stays HTTP/1.1, as RFC 9110, section 7.8, allows: Java's client asks every server for
    HTTP/2 by `Upgrade: h2c`, and the parser would then not read the body of its request.
    """

    in_head = True

    def data_received(self, data: bytes) -> None:
        """Leave `Upgrade` in the head of a request aside."""
        if self.in_head:
            head, end, rest = data.partition(b"\r\n\r\n")
            data = UPGRADE.sub(b"ignored", head) + end + rest
        super().data_received(data)

    def on_headers_complete(self) -> None:
        self.in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self.in_head = True
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP request, such as Chinese that is not percent-encoded."""
        kind = MalformedRequestError
        problem: dict[str, Any] = {
            "type": f"{PROBLEMS_PATH}/{kind.slug}",
            "title": kind.title.zh,
            "status": kind.status.value,
            "detail": "不是合法的 HTTP 请求：请求行或头部有误，或过长；"
            "网址中的汉字须作百分号编码（curl -G --data-urlencode）。"
            " Not a valid HTTP request: its first line or headers are malformed or too long;"
            " Chinese in a URL must be percent-encoded.",
            "instance": "",
            "request_id": (request_id := new_request_id()),
            "errors": [],
        }
        body = json.dumps(problem, ensure_ascii=False).encode()
        headers = [
            (b"content-type", b"application/problem+json"),
            (b"content-length", b"%d" % len(body)),
            (b"content-language", b"zh-Hans"),
            (b"cache-control", b"no-store"),
            (b"vary", b"Accept-Language"),
            (b"x-request-id", request_id.encode()),
            *ANYONE,
            (b"connection", b"close"),
        ]
        lines = b"".join(b"%b: %b\r\n" % header for header in headers)
        self.transport.write(b"HTTP/1.1 400 Bad Request\r\n%b\r\n%b" % (lines, body))
        self.transport.close()
