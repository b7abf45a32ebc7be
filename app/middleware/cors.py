"""Cross-origin requests (CORS, the WHATWG's Fetch standard, section 3.3), in plain ASGI.

Reading needs no key, so any page may read the data: every response but pages for people has `Access-Control-Allow-Origin: *`,
even without `Origin` in the request, so a response in a shared cache is valid for every page.  Only
origins in the settings may send credentials.  If there are any, responses differ by origin, and all
of them have `Vary: Origin`.
"""

from collections.abc import Collection

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.http.etags import is_page

# Response headers that scripts cannot read otherwise (Fetch, section 2.2.2.6.1).
EXPOSED = (
    "Allow, Content-Disposition, Content-Location, Deprecation, ETag, Link, Location, "
    "RateLimit, RateLimit-Policy, Retry-After, Sunset, Vary, WWW-Authenticate, X-Request-ID"
)
REQUEST_HEADERS = (
    "Accept, Accept-Language, Authorization, Content-Type, Idempotency-Key, If-Match, "
    "If-Modified-Since, If-None-Match, X-Request-ID"
)
ONE_DAY = b"86400"  # seconds that a browser caches the result of a preflight
Headers = list[tuple[bytes, bytes]]

ANYONE: Headers = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", EXPOSED.encode()),
]


class CrossOrigin:
    """Adds the CORS headers; responses to preflights are based on `Allow` of `OPTIONS`."""

    def __init__(self, app: ASGIApp, credentialed: Collection[str] = ()) -> None:
        self.app = app
        self.credentialed = {origin.encode() for origin in credentialed}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_page(scope):
            await self.app(scope, receive, send)
            return
        headers = self._headers(scope) if self.credentialed else ANYONE
        preflight = scope["method"] == "OPTIONS" and any(
            name == b"access-control-request-method" for name, _ in scope["headers"]
        )

        async def send_to_page(message: Message) -> None:
            if message["type"] == "http.response.start":
                more = headers + _preflight(message["headers"]) if preflight else headers
                message = {**message, "headers": [*message["headers"], *more]}
            await send(message)

        await self.app(scope, receive, send_to_page)

    def _headers(self, scope: Scope) -> Headers:
        """An origin that may send credentials is named; `Vary: Origin` is always included."""
        origin = next((value for name, value in scope["headers"] if name == b"origin"), b"")
        if origin not in self.credentialed:
            return [*ANYONE, (b"vary", b"Origin")]
        return [
            (b"access-control-allow-origin", origin),
            (b"access-control-allow-credentials", b"true"),
            (b"access-control-expose-headers", EXPOSED.encode()),
            (b"vary", b"Origin"),
        ]


def _preflight(headers: Headers) -> Headers:
    """The methods and headers that a page may send, from the `Allow` of the path."""
    allow = next((value for name, value in headers if name == b"allow"), b"")
    return [
        (b"access-control-allow-methods", allow),
        (b"access-control-allow-headers", REQUEST_HEADERS.encode()),
        (b"access-control-max-age", ONE_DAY),
    ]
