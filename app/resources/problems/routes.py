"""`/problems`: the pages that the `type` of a problem document links to, in both languages."""

from base64 import b64encode
from hashlib import sha256
from html import escape

from fastapi import APIRouter, Request, Response

from app.http.paths import prefixed
from app.http.problems import PROBLEMS_PATH, ApiError, NotFoundError, every_kind
from app.http.static import Static

router = APIRouter(prefix=PROBLEMS_PATH, include_in_schema=False)

STYLE = """body{font:16px/1.7 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem}
code{background:#8882;padding:.1em .3em}:root{color-scheme:light dark;background:Canvas;color:CanvasText}"""
POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; "
    "frame-ancestors 'none'"
)
PAGE = """<!DOCTYPE html>
<html lang="zh-Hans">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<nav><a href="{home}">政府工作要点 · Work plans</a> · <a href="{home}developers">开发者 · Developers</a></nav>
<main>
{body}
</main>
</body>
</html>
"""


def _described(kind: type[ApiError], heading: str) -> str:
    return (
        f'<{heading}>{escape(kind.title.zh)} · <span lang="en">{escape(kind.title.en)}</span></{heading}>'
        f"<p><code>{kind.status.value}</code> <code>{PROBLEMS_PATH}/{kind.slug}</code></p>"
        f'<p>{escape(kind.meaning.zh)}</p><p lang="en">{escape(kind.meaning.en)}</p>'
    )


@router.get("")
async def list_problems(request: Request) -> Response:
    """All problem types on one page."""
    body = "<h1>问题类型 · Problem types</h1>" + "".join(_described(k, "h2") for k in every_kind())
    return _page(request, "问题类型 · Problem types", body)


@router.get("/{slug}")
async def get_problem(request: Request, slug: str) -> Response:
    """One problem type."""
    for kind in every_kind():
        if kind.slug == slug:
            back = f'<p><a href="{prefixed(request.scope, PROBLEMS_PATH)}">全部 · all</a></p>'
            return _page(request, kind.title.zh, _described(kind, "h1") + back)
    raise NotFoundError


def _page(request: Request, title: str, body: str) -> Response:
    page = PAGE.format(title=title, style=STYLE, body=body, home=prefixed(request.scope, "/"))
    found = Static.of("text/html", page.encode())
    return found.response(request, **{"Content-Security-Policy": POLICY})
