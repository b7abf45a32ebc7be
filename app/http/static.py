"""Bodies that do not change while the process runs: compressed once, with a validator of their own."""

import gzip
from dataclasses import dataclass

from fastapi import Request, Response

from app.http.etags import entity_tag, is_compressible, is_known
from app.http.negotiation import accepts_gzip

CACHE_CONTROL = "public, max-age=300"


@dataclass(frozen=True)
class Static:
    """A body in both encodings; `compressed` is None if compressing saves nothing."""

    media_type: str
    body: bytes
    compressed: bytes | None
    etag: str
    compressed_etag: str

    @classmethod
    def of(cls, media_type: str, body: bytes) -> "Static":
        """Compress a body; call it outside the event loop if the body may be large."""
        compressed = None
        if is_compressible(media_type, len(body)):
            compressed = gzip.compress(body, 6, mtime=0)
        return cls(media_type, body, compressed, entity_tag(body), entity_tag(body, "-gzip"))

    def response(self, request: Request, **more: str) -> Response:
        """The body in an encoding that the client accepts, or 304 if the client has it."""
        headers = {"Cache-Control": CACHE_CONTROL, "Vary": "Accept-Encoding", **more}
        body, headers["ETag"] = self.body, self.etag
        if self.compressed and accepts_gzip(request.headers):
            body, headers["ETag"] = self.compressed, self.compressed_etag
            headers["Content-Encoding"] = "gzip"
        if is_known(request.headers, headers["ETag"]):
            headers.pop("Content-Encoding", None)
            return Response(status_code=304, headers=headers)
        return Response(body, media_type=self.media_type, headers=headers)
