"""What answers say for caches, and whether a client has one already (RFC 9110, section 13)."""

import hashlib
import re
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from starlette.datastructures import Headers
from starlette.types import Scope

CACHE_CONTROL = "public, max-age=60, stale-while-revalidate=600"
VARY = "Accept, Accept-Encoding, Accept-Language"
ENTITY_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


def is_data(scope: Scope) -> bool:
    """Whether a request asks for data of `/v1`, which has validators and a language."""
    return scope["type"] == "http" and f"{scope['path']}/".startswith("/v1/")


def entity_tag(body: bytes, variant: str = "") -> str:
    """A strong validator (RFC 9110, section 8.8.3): the same bytes give the same everywhere."""
    return f'"{hashlib.blake2b(body, digest_size=15).hexdigest()}{variant}"'


def last_modified(changed_at: datetime) -> str:
    """A moment as an HTTP date, which knows no parts of seconds."""
    return format_datetime(changed_at.replace(microsecond=0), usegmt=True)


def is_known(request: Headers, etag: str, changed_at: datetime | None = None) -> bool:
    """Whether the client has this answer; `If-None-Match` goes before `If-Modified-Since`."""
    if given := request.getlist("if-none-match"):
        return _matches(etag, given)
    since = _moment(request.get("if-modified-since"))
    if since is None or changed_at is None:
        return False
    return changed_at.replace(microsecond=0) <= since


def matches_strongly(etags: Collection[str], given: str) -> bool:
    """Strong comparison with a list of entity tags, or `*` (RFC 9110, section 13.1.1).

    The tag of a compressed answer names what was compressed.
    """
    tags = [tag for tag in ENTITY_TAG.finditer(given) if not tag[0].startswith("W/")]
    plain = {tag[1].replace('-gzip"', '"') for tag in tags}
    return given.strip() == "*" or not plain.isdisjoint(etags)


def _matches(etag: str, given: Sequence[str]) -> bool:
    """Weak comparison with a list of entity tags, or `*` (RFC 9110, section 13.1.2)."""
    together = ", ".join(given).strip()
    return together == "*" or etag in ENTITY_TAG.findall(together)


def _moment(header: str | None) -> datetime | None:
    """An HTTP date; what is not one is left aside (RFC 9110, section 13.1.3)."""
    try:
        moment = parsedate_to_datetime(header or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
