"""Responses in the script that the client prefers, in plain ASGI."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.enums import Script
from app.http.etags import is_data
from app.http.languages import in_script, language_of


class InPreferredScript:
    """Converts responses of `/v1` for clients that prefer Traditional, and sets Content-Language."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not is_data(scope) or scope["method"] != "GET":  # responses to writes are not converted
            await self.app(scope, receive, send)
            return
        language = language_of(scope)
        start: Message | None = None
        chunks: list[bytes] = []

        async def convert(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and message["status"] == 200:
                headers = MutableHeaders(raw=message["headers"])
                exported = "content-language" in headers  # already converted, row by row
                headers["content-language"] = language
                if language is Script.HANT and not exported:
                    start = message
                    return
            elif start is not None:
                chunks.append(message.get("body", b""))
                if message.get("more_body"):
                    return
                body = in_script(b"".join(chunks).decode(), language).encode()
                MutableHeaders(raw=start["headers"])["content-length"] = str(len(body))
                await send(start)
                message = {"type": "http.response.body", "body": body}
            await send(message)

        await self.app(scope, receive, convert)
