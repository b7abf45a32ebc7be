"""The quotas of a request, which the outermost layer of limits counts and operations may add to."""

from http import HTTPStatus
from typing import Protocol

from starlette.types import Scope

from app.http.problems import ApiError, Message

QUOTAS = "workplan.quotas"  # the key in a scope


class RateLimitedError(ApiError):
    """More requests in a window of time than the operator permits."""

    status, slug = HTTPStatus.TOO_MANY_REQUESTS, "rate-limited"
    title = Message("请求过于频繁", "Rate limit exceeded")
    meaning = Message(
        "请求次数超过限额；限额与剩余见 RateLimit-Policy 和 RateLimit 头，请按 Retry-After 稍后再试。"
        "带 If-None-Match 且返回 304 的请求不计数。",
        "More requests than the quota; RateLimit-Policy and RateLimit state quota and remainder. Try "
        "again after Retry-After seconds. Requests that return 304 are not counted.",
    )

    def __init__(self, seconds: int, detail: Message | None = None) -> None:
        super().__init__(detail, headers={"Retry-After": str(max(seconds, 1))})


class Quotas(Protocol):
    """What is counted for one request."""

    async def take(self, policy: str, identifier: str) -> None:
        """Count the request; raises RateLimitedError if this policy has no more for it."""


async def take(scope: Scope, policy: str, identifier: str) -> None:
    """Count a request, if limits are set; raises RateLimitedError."""
    quotas: Quotas | None = scope.get(QUOTAS)
    if quotas is not None:
        await quotas.take(policy, identifier)
