"""The style sheet, the script and the icon, each at a URL that names its content."""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from mimetypes import guess_type

from fastapi import Request, Response

from app.http.problems import NotFoundError
from app.http.static import Static

FILES = files("app.pages") / "static"
FOREVER = "public, max-age=31536000, immutable"


def _named(name: str) -> str:
    """`style.css` → `style-3f9a0c1d.css`."""
    digest = hashlib.blake2b((FILES / name).read_bytes(), digest_size=4).hexdigest()
    stem, _, ending = name.rpartition(".")
    return f"{stem}-{digest}.{ending}"


# Name → path.
ASSETS: Mapping[str, str] = {
    file.name.partition(".")[0]: f"/assets/{_named(file.name)}" for file in FILES.iterdir()
}


@cache
def _assets() -> Mapping[str, Static]:
    return {
        f"/assets/{_named(file.name)}": Static.of(
            guess_type(file.name)[0] or "application/octet-stream", file.read_bytes()
        )
        for file in FILES.iterdir()
    }


async def asset(request: Request) -> Response:
    """One of these files."""
    found = _assets().get(f"/assets/{request.path_params['name']}")
    if found is None:
        raise NotFoundError
    headers = {"Cache-Control": FOREVER, "X-Content-Type-Options": "nosniff"}
    return found.response(request, **headers)


async def favicon(request: Request) -> Response:
    """For clients that request it without reading the page."""
    headers = {"X-Content-Type-Options": "nosniff"}
    return _assets()[ASSETS["favicon"]].response(request, **headers)
