"""The QR code at the foot of a printed page: the way back from paper."""

import io

import segno
from fastapi import Request, Response

from app.http.etags import is_page
from app.http.problems import NotFoundError
from app.pages.sitemaps import absolute_base

LONGEST = 300  # characters of a path
SVG_TYPE = "image/svg+xml"


async def qr_code(request: Request) -> Response:
    """The QR code of the page at `path`.

    The host is that of the public URL, else the one that the client used: nobody else gets this
    response.
    """
    path = request.query_params.get("path", "")
    if len(path) > LONGEST or not is_page({"type": "http", "path": path}):
        raise NotFoundError
    image = io.BytesIO()
    segno.make(absolute_base(request) + path, micro=False, error="m").save(
        image, kind="svg", xmldecl=False, svgclass=None, lineclass=None, omitsize=True, border=2
    )
    headers = {"Cache-Control": "private, max-age=86400", "X-Content-Type-Options": "nosniff"}
    return Response(image.getvalue(), media_type=SVG_TYPE, headers=headers)
