"""`/openapi.json`, `/openapi.yaml`, `/docs` (try it out) and `/redoc` (read it): outside the contract.

The pages need no other host: their scripts are served from here, and their policy lets a browser
ask nobody else (Content Security Policy Level 3).
"""

import json
from functools import cache
from importlib.resources import files

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from app.conditions import entity_tag, is_known
from app.contract import as_yaml
from app.representations import JSON_TYPE

ASSETS = "/docs/assets"
PACKED = files("fastapi_offline") / "static"
REDOC_LOGO = b"https://cdn.redoc.ly/redoc/logo-mini.svg"
YAML_TYPE = "application/yaml"  # RFC 9512
CACHE_CONTROL = "public, max-age=300"
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; worker-src 'self' blob:; frame-ancestors 'self'"
)
router = APIRouter(include_in_schema=False)


def serve_assets(app: FastAPI) -> None:
    """The scripts and styles of the pages, as fastapi-offline packs them."""
    app.mount(ASSETS, StaticFiles(directory=str(PACKED)), name="docs-assets")


@cache
def _redoc_script() -> tuple[bytes, str]:
    """Redoc without the picture that it would fetch from its maker, and its entity tag."""
    script = (PACKED / "redoc.standalone.js").read_bytes().replace(REDOC_LOGO, b"data:,")
    return script, entity_tag(script)


@router.get(f"{ASSETS}/redoc.standalone.js")
async def redoc_script(request: Request) -> Response:
    """The script of the reading view."""
    return _kept(request, *_redoc_script(), "text/javascript")


@cache
def _written(app: FastAPI, media_type: str) -> tuple[bytes, str]:
    """The contract in a form, and its entity tag."""
    document = app.openapi()
    if media_type == YAML_TYPE:
        body = as_yaml(document).encode()
    else:
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return body, entity_tag(body)


def _kept(request: Request, body: bytes, etag: str, media_type: str, **more: str) -> Response:
    """The bytes, or 304 where the client has them."""
    headers = {"ETag": etag, "Cache-Control": CACHE_CONTROL, **more}
    if is_known(request.headers, etag):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


@router.get("/openapi.json")
async def openapi_json(request: Request) -> Response:
    """The contract as JSON."""
    return _kept(request, *_written(request.app, JSON_TYPE), JSON_TYPE)


@router.get("/openapi.yaml")
async def openapi_yaml(request: Request) -> Response:
    """The contract as YAML (RFC 9512), as `openapi.yaml` has it."""
    return _kept(request, *_written(request.app, YAML_TYPE), YAML_TYPE)


@router.get("/docs")
async def try_out(request: Request) -> Response:
    """Swagger UI: read, and call."""
    base = request.scope.get("root_path", "")
    page = get_swagger_ui_html(
        openapi_url=f"{base}/openapi.json",
        title=f"{request.app.title} · 接口调试",
        swagger_js_url=f"{base}{ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{base}{ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{base}{ASSETS}/favicon.png",
        swagger_ui_parameters={"docExpansion": "list", "filter": True, "tryItOutEnabled": True},
    )
    return _page(request, page)


@router.get("/redoc")
async def read(request: Request) -> Response:
    """Redoc: all of it on one page, to read."""
    base = request.scope.get("root_path", "")
    page = get_redoc_html(
        openapi_url=f"{base}/openapi.json",
        title=f"{request.app.title} · 接口文档",
        redoc_js_url=f"{base}{ASSETS}/redoc.standalone.js",
        redoc_favicon_url=f"{base}{ASSETS}/favicon.png",
        with_google_fonts=False,
    )
    return _page(request, page)


def _page(request: Request, page: HTMLResponse) -> Response:
    body = bytes(page.body).replace(b"<html>", b'<html lang="zh-Hans">')
    policy = {"Content-Security-Policy": POLICY}
    return _kept(request, body, entity_tag(body), "text/html", **policy)
