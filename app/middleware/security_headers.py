"""Headers that keep browsers from taking a response for something else."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.middleware.cors import ANYONE

# Pages have a policy of their own; anything else is no document, and loads and runs nothing.  The
# server takes 0.6 µs for each header of each response, so there are no others here.
DEFAULTS = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)

OF_ALL = (*ANYONE, *DEFAULTS)  # of a response that no layer has seen


class SecurityHeaders:
    """Adds those that a response does not have; within the cache, so once for each cached response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                names = {name.lower() for name, _ in message["headers"]}
                more = [one for one in DEFAULTS if one[0] not in names]
                message = {**message, "headers": [*message["headers"], *more]}
            await send(message)

        await self.app(scope, receive, send_with_headers)
