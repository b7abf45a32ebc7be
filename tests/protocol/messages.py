"""Requests as bytes, and how the server refuses one."""

from tests.support.raw_connection import Received

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
BEGUN = b"GET / HTTP/1.1\r\nHost: x\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


def is_refusal(response: Received, status: int, slug: str) -> bool:
    """Whether it is a problem document after which the connection ends."""
    problem = response.json()
    return (
        (response.status, problem["status"], problem["type"])
        == (status, status, f"/problems/{slug}")
        and response.headers["content-type"] == "application/problem+json"
        and response.headers["connection"] == "close"
        and response.headers["x-request-id"] == problem["request_id"]
        and "date" in response.headers
    )
