"""The path that a gateway strips before it passes a request on.

Links include it; routing, stored documents and the change feed do not.  It comes from the settings,
or from `X-Forwarded-Prefix` of a trusted proxy; the header is ignored from all other clients.
"""

from collections.abc import Collection

from starlette.types import ASGIApp, Receive, Scope, Send

from app.http.clients import is_within
from app.settings import Network, valid_prefix

HEADER = b"x-forwarded-prefix"


class BehindGateway:
    """Stores the prefix of each request in its scope; the outermost layer."""

    def __init__(self, app: ASGIApp, prefix: str, trusted: Collection[Network]) -> None:
        self.app = app
        self.prefix = prefix
        self.trusted = frozenset(trusted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["prefix"] = self._forwarded(scope) if self.trusted else self.prefix
        await self.app(scope, receive, send)

    def _forwarded(self, scope: Scope) -> str:
        """The prefix from a trusted proxy, if it sends exactly one and it is valid."""
        peer = scope.get("client")
        values = [value for name, value in scope["headers"] if name == HEADER]
        if len(values) != 1 or not peer or not is_within(peer[0], self.trusted):
            return self.prefix
        prefix = valid_prefix(values[0].decode("latin-1"))
        return self.prefix if prefix is None else prefix
