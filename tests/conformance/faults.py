"""Mistakes that a server may make, each a small change of what ours is asked or answers."""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Pairs = list[tuple[str, str]]
LISTS = r"/v1/(plans|sections|tasks|agencies|targets|platforms|changes)"
ANY = r"/v1.*"
JSON_TYPES = ("application/json", "application/problem+json")


@dataclass
class AppendOnly:
    """What ours answered, to be changed."""

    scope: Scope
    status: int
    headers: MutableHeaders
    body: bytes

    @property
    def query(self) -> str:
        text: str = self.scope["query_string"].decode()
        return text

    @property
    def asked(self) -> Headers:
        return Headers(scope=self.scope)

    def document(self) -> Any:
        return json.loads(self.body)

    def say(self, document: Any) -> None:
        self.body = json.dumps(document, ensure_ascii=False).encode()


Ask = Callable[[Scope], Awaitable[AppendOnly]]
Fault = Callable[[Ask, Scope], Awaitable[AppendOnly]]


class Between:
    """ASGI around ASGI: hands requests on, and lets the fault of the moment change them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.fault: Fault | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self.fault is None:
            await self.app(scope, receive, send)
            return

        async def ask(scope: Scope) -> AppendOnly:
            said = AppendOnly(scope, 0, MutableHeaders(raw=[]), b"")

            async def catch(message: Message) -> None:
                if message["type"] == "http.response.start":
                    said.status = message["status"]
                    said.headers = MutableHeaders(raw=[*message["headers"]])
                else:
                    said.body += message.get("body", b"")

            await self.app(scope, receive, catch)
            return said

        said = await self.fault(ask, scope)
        if said.body:
            said.headers["content-length"] = str(len(said.body))
        headers = said.headers.raw
        await send({"type": "http.response.start", "status": said.status, "headers": headers})
        await send({"type": "http.response.body", "body": said.body})


def concerns(scope: Scope, path: str, has: str) -> bool:
    """Whether a request is for these paths, with this in its query."""
    query = scope["query_string"].decode()
    return bool(re.fullmatch(path, scope["path"]) and re.search(has, query))


def answer(change: Callable[[AppendOnly], None], path: str = ANY, has: str = "") -> Fault:
    """Another answer."""

    async def fault(ask: Ask, scope: Scope) -> AppendOnly:
        said = await ask(scope)
        if concerns(scope, path, has):
            change(said)
        return said

    return fault


def document(
    path: str, change: Callable[[Any], object], has: str = "", status: int = 200, when: str = ""
) -> Fault:
    """Another JSON document, of answers with this status (and this `Content-Language`)."""

    def said(said: AppendOnly) -> None:
        language = said.headers.get("content-language", "")
        is_json = said.headers.get("content-type", "").startswith(JSON_TYPES) and said.body
        if said.status == status and is_json and language.startswith(when):
            changed = said.document()
            change(changed)
            said.say(changed)

    return answer(said, path, has)


def rows(path: str, change: Callable[[list[Any]], object], has: str = "") -> Fault:
    """Other rows of a list, which goes on saying the same of its pages."""
    return document(path, lambda page: change(page["data"]) if page["data"] else None, has)


def row(path: str, change: Callable[[Any], object], has: str = "") -> Fault:
    """Another first row of a list."""
    return rows(path, lambda data: change(data[0]), has)


def problem(change: Callable[[Any], object], status: int = 404) -> Fault:
    """Another problem document."""
    return document(r"/.*", change, status=status)


def header(name: str, value: str | None, path: str = ANY) -> Fault:
    """Another header of the answer, or none."""

    def said(said: AppendOnly) -> None:
        if value is None:
            del said.headers[name]
        else:
            said.headers[name] = value

    return answer(said, path)


def tag(change: Callable[[str, AppendOnly], str]) -> Fault:
    """Another entity tag."""

    def said(said: AppendOnly) -> None:
        if "etag" in said.headers:
            said.headers["etag"] = change(said.headers["etag"], said)

    return answer(said)


def query(change: Callable[[Pairs], Pairs], path: str = ANY, has: str = "") -> Fault:
    """Another query than was asked."""

    async def fault(ask: Ask, scope: Scope) -> AppendOnly:
        if concerns(scope, path, has):
            pairs = parse_qsl(scope["query_string"].decode(), keep_blank_values=True)
            scope = {**scope, "query_string": urlencode(change(pairs)).encode()}
        return await ask(scope)

    return fault


def without(*names: str, path: str = ANY, has: str = "") -> Fault:
    """Parameters left aside."""
    return query(lambda pairs: [p for p in pairs if p[0] not in names], path, has)


def value(name: str, change: Callable[[str], str], path: str = ANY, has: str = "") -> Fault:
    """Another value of a parameter than was asked."""
    return query(lambda ps: [(n, change(v) if n == name else v) for n, v in ps], path, has)


def unheard(name: str, where: str = "", path: str = ANY, method: str = "") -> Fault:
    """A header of the request left aside."""

    async def fault(ask: Ask, scope: Scope) -> AppendOnly:
        given = Headers(scope=scope).get(name, "")
        if concerns(scope, path, "") and re.search(where, given) and method in scope["method"]:
            kept = [pair for pair in scope["headers"] if pair[0] != name.encode()]
            scope = {**scope, "headers": kept}
        return await ask(scope)

    return fault


def instead(status: int, other: int, path: str = r"/.*", has: str = "") -> Fault:
    """Another status."""

    def said(said: AppendOnly) -> None:
        if said.status == status:
            said.status = other

    return answer(said, path, has)


def forgiving(name: str) -> Fault:
    """A parameter that does not fit is left aside, and not refused."""

    async def fault(ask: Ask, scope: Scope) -> AppendOnly:
        said = await ask(scope)
        if said.status == 422 and f"{name}=" in said.query:
            return await without(name)(ask, scope)
        return said

    return fault
