"""The quotas of a request, which the outermost layer of limits counts and operations may add to."""

from typing import Protocol

from starlette.types import Scope

QUOTAS = "workplan.quotas"  # the key in a scope


class Quotas(Protocol):
    """What is counted for one request."""

    async def take(self, policy: str, identifier: str) -> None:
        """Count the request; raises RateLimitedError if this policy has no more for it."""


async def take(scope: Scope, policy: str, identifier: str) -> None:
    """Count a request, if limits are set; raises RateLimitedError."""
    quotas: Quotas | None = scope.get(QUOTAS)
    if quotas is not None:
        await quotas.take(policy, identifier)
