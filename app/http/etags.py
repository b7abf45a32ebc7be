"""Cache validators of responses, and conditional requests (RFC 9110, section 13)."""

import hashlib
import re
from collections.abc import Collection
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from starlette.datastructures import Headers
from starlette.types import Scope

CACHE_CONTROL = "public, max-age=60, stale-while-revalidate=600"
VARY = "Accept, Accept-Encoding, Accept-Language"
PAGE_VARY = "Accept-Encoding"  # the URL alone selects the language of a page
DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
LONG_DAY = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
TIME = r"\d\d:\d\d:\d\d"
HTTP_DATE = re.compile(  # the three forms of RFC 9110, section 5.6.7
    rf"{DAY}, \d\d {MONTH} \d{{4}} {TIME} GMT"
    rf"|{LONG_DAY}, \d\d-{MONTH}-\d\d {TIME} GMT"
    rf"|{DAY} {MONTH} [ \d]\d {TIME} \d{{4}}",
    re.ASCII,
)
PAGE = re.compile(  # its first segment
    r"/(?:(?:plans|tasks|agencies|jurisdictions|targets|platforms|monitoring|bulletins|assessments"
    r"|search|states|compare|unusual|changes|errors|developers|about|embed)(?:/|$)|$)"
)
SMALLEST_COMPRESSED = 500  # bytes; compressing less saves no packet


def is_data(scope: Scope) -> bool:
    """Whether a request is for data under `/v1`, which has validators and a language."""
    return scope["type"] == "http" and f"{scope['path']}/".startswith("/v1/")


def is_page(scope: Scope) -> bool:
    """Whether a request is for a page for people, which has validators, too."""
    return scope["type"] == "http" and PAGE.match(scope["path"]) is not None


def entity_tag(body: bytes, variant: str = "") -> str:
    """A strong validator (RFC 9110, section 8.8.3): the same bytes have the same tag on all workers."""
    return f'"{hashlib.blake2b(body, digest_size=15).hexdigest()}{variant}"'


def last_modified(changed_at: datetime) -> str:
    """A moment as an HTTP date, which has no fractions of seconds."""
    return format_datetime(changed_at.replace(microsecond=0), usegmt=True)


def is_known(request: Headers, etag: str, dated: datetime | None = None) -> bool:
    """Whether the client has this response; `If-None-Match` takes precedence over `If-Modified-Since`.

    The date must equal the one that was sent, as with nginx: a later one comes from another clock
    and proves nothing about changes since.
    """
    if tags := request.getlist("if-none-match"):
        return _matches(etag, ", ".join(tags))
    return dated is not None and _moment(request.get("if-modified-since", "")) == dated


def is_compressible(media_type: str, size: int) -> bool:
    """Whether compressing saves something: the format is not compressed, and the body exceeds a packet."""
    is_compressed = media_type.startswith(
        ("application/vnd.openxmlformats", "application/zip", "image/", "font/")
    )
    return not is_compressed and size >= SMALLEST_COMPRESSED


def matches_strongly(etags: Collection[str], header: str) -> bool:
    """Strong comparison with a list of entity tags, or `*` (RFC 9110, section 13.1.1).

    The tag of a compressed response stands for the uncompressed one, too.
    """
    for etag in etags:
        for tag in (etag, f'{etag[:-1]}-gzip"'):
            if tag in header and tag in header.replace(f"W/{tag}", ""):
                return True
    return header.strip() == "*"


def _matches(etag: str, header: str) -> bool:
    """Weak comparison with a list of entity tags, or `*` (RFC 9110, section 13.1.2).

    The tag is searched for, quotes included, so that a list of thousands costs one scan.
    """
    return etag in header or header.strip() == "*"


def _moment(header: str) -> datetime | None:
    """An HTTP date; an invalid one is ignored (RFC 9110, section 13.1.3)."""
    if not HTTP_DATE.fullmatch(date := header.strip()):
        return None
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:  # such as 30 February
        return None
    return moment.replace(tzinfo=UTC)
