"""`/openapi.json`, `/openapi.yaml`, `/docs` (try it out) and `/redoc` (read it), not in the contract.

The pages need no other host: the service serves their scripts, and their policy blocks requests to
other hosts (Content Security Policy Level 3).
"""

import asyncio
import json
from collections.abc import Callable
from functools import cache, lru_cache
from html import escape
from importlib.resources import files
from mimetypes import guess_type
from threading import Lock
from typing import Any, TypeVar

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from starlette.responses import HTMLResponse

from app.http.media_types import JSON_TYPE
from app.http.paths import prefixed
from app.http.problems import NotFoundError
from app.http.static import Static
from app.openapi.document import as_yaml
from app.reading.one import base_of

Made = TypeVar("Made")
MAKING = Lock()
ASSETS = "/docs/assets"
PACKED = files("fastapi_offline") / "static"
REDOC_LOGO = b"https://cdn.redoc.ly/redoc/logo-mini.svg"
YAML_TYPE = "application/yaml"  # RFC 9512
SERVER = "urn:server"  # placeholder for the address of the server, which depends on the gateway
MOST_SERVERS = 4  # addresses for which the contract is cached, some 700 KB each
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; worker-src 'self' blob:; frame-ancestors 'self'"
)
router = APIRouter(include_in_schema=False)


@cache
def _asset(name: str) -> Static | None:
    """A script or style from fastapi-offline; None if there is none with this name."""
    if name not in {file.name for file in PACKED.iterdir()}:
        return None
    body = (PACKED / name).read_bytes()
    if name == "redoc.standalone.js":  # without the logo, which it would fetch from another host
        body = body.replace(REDOC_LOGO, b"data:,")
    return Static.of(guess_type(name)[0] or "application/octet-stream", body)


@router.get(f"{ASSETS}/{{name}}")
async def asset(request: Request, name: str) -> Response:
    """A script or style of the pages."""
    if (found := await _make_once(_asset, name)) is None:
        raise NotFoundError
    return found.response(request)


@lru_cache(2)
def _written(app: FastAPI, media_type: str) -> str:
    """The contract as JSON or YAML, with a placeholder for the address of the server."""
    document = {**app.openapi(), "servers": [{"url": SERVER}]}
    if media_type == YAML_TYPE:
        return as_yaml(document)
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


@lru_cache(2 * MOST_SERVERS)
def _contract(app: FastAPI, media_type: str, server: str) -> Static:
    """The contract as JSON or YAML, with the address of the server behind one gateway."""
    return Static.of(media_type, _written(app, media_type).replace(SERVER, server, 1).encode())


async def _make_once(make: Callable[..., Made], *arguments: Any) -> Made:
    """Make something slow in a thread, once for all requests that wait for it."""

    def make_in_turn() -> Made:
        with MAKING:
            return make(*arguments)

    return await asyncio.to_thread(make_in_turn)


@router.get("/openapi.json")
async def openapi_json(request: Request) -> Response:
    """The contract as JSON."""
    made = await _make_once(_contract, request.app, JSON_TYPE, base_of(request) or "/")
    return made.response(request)


@router.get("/openapi.yaml")
async def openapi_yaml(request: Request) -> Response:
    """The contract as YAML (RFC 9512), as in `openapi.yaml`."""
    made = await _make_once(_contract, request.app, YAML_TYPE, base_of(request) or "/")
    return made.response(request)


@router.get("/docs")
async def try_out(request: Request) -> Response:
    """Swagger UI: read the contract and send requests."""
    prefix = prefixed(request.scope, "")
    page = get_swagger_ui_html(
        openapi_url=f"{prefix}/openapi.json",
        title=f"{request.app.title} · 接口调试",
        swagger_js_url=f"{prefix}{ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{prefix}{ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{prefix}{ASSETS}/favicon.png",
        swagger_ui_parameters={"docExpansion": "list", "filter": True, "tryItOutEnabled": True},
    )
    return _page(request, page)


@router.get("/redoc")
async def read(request: Request) -> Response:
    """Redoc: the whole contract on one page."""
    prefix = prefixed(request.scope, "")
    page = get_redoc_html(
        openapi_url=f"{prefix}/openapi.json",
        title=f"{request.app.title} · 接口文档",
        redoc_js_url=f"{prefix}{ASSETS}/redoc.standalone.js",
        redoc_favicon_url=f"{prefix}{ASSETS}/favicon.png",
        with_google_fonts=False,
    )
    return _page(request, page)


def _page(request: Request, page: HTMLResponse) -> Response:
    home = escape(prefixed(request.scope, "/"))
    links = f'<p style="margin:1rem;font-family:sans-serif"><a href="{home}">政府工作要点 · Work plans</a></p>'
    body = bytes(page.body).replace(b"<html>", b'<html lang="zh-Hans">')
    body = body.replace(b"<body>", f"<body>{links}".encode(), 1)
    return Static.of("text/html", body).response(request, **{"Content-Security-Policy": POLICY})
