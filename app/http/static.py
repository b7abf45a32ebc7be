"""Bytes that stay the same while the process runs: compressed once, with a validator of their own."""

import gzip
from dataclasses import dataclass

from fastapi import Request, Response

from app.http.etags import entity_tag, is_compressible, is_known
from app.http.negotiation import takes_gzip

CACHE_CONTROL = "public, max-age=300"


@dataclass(frozen=True)
class Static:
    """A body in both encodings; `packed` is None where compressing saves nothing."""

    media_type: str
    body: bytes
    packed: bytes | None
    etag: str
    etag_packed: str

    @classmethod
    def of(cls, media_type: str, body: bytes) -> "Static":
        """Compress a body; beside the event loop, where it may be large."""
        packed = None
        if is_compressible(media_type, len(body)):
            packed = gzip.compress(body, 6, mtime=0)
        return cls(media_type, body, packed, entity_tag(body), entity_tag(body, "-gzip"))

    def response(self, request: Request, **more: str) -> Response:
        """The bytes in the encoding that the client takes, or 304 where it has them."""
        headers = {"Cache-Control": CACHE_CONTROL, "Vary": "Accept-Encoding", **more}
        body, headers["ETag"] = self.body, self.etag
        if self.packed and takes_gzip(request.headers):
            body, headers["ETag"] = self.packed, self.etag_packed
            headers["Content-Encoding"] = "gzip"
        if is_known(request.headers, headers["ETag"]):
            headers.pop("Content-Encoding", None)
            return Response(status_code=304, headers=headers)
        return Response(body, media_type=self.media_type, headers=headers)
