"""Content negotiation: the client's preferred format, language and encoding (RFC 9110, section 12).

At most `MAX_RANGES` short ranges of a header are read; the rest is ignored.
"""

import re
from collections.abc import Mapping, Sequence

from starlette.datastructures import Headers

HEADERS_ONLY = "workplan.headers_only"  # key of a scope: the request is a HEAD
QVALUE = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.ASCII)
WEIGHT = re.compile(r";\s*q=([^;]*)", re.IGNORECASE)
MAX_RANGES = 32  # browsers send up to 15
MAX_SUBTAGS = 8
MAX_RANGE_LENGTH = 100  # characters with parameters; a language tag has up to 35 (RFC 5646, 4.4.1)


def preferred(header: str | None, tags: Mapping[str, str], default: str) -> str:
    """The preferred language, by lookup (RFC 4647, section 3.4); `tags`: lower-case tag → language.

    The match of the highest quality wins; `en-GB` matches `en`, `*` matches nothing.
    """
    for range_, quality in sorted(_weighted(header or ""), key=lambda one: -one[1]):
        subtags = range_.split("-", MAX_SUBTAGS)[:MAX_SUBTAGS]
        while subtags and quality > 0:
            if (tag := "-".join(subtags)) in tags:
                return tags[tag]
            subtags.pop()
    return default


def acceptable(header: str | None, offers: Sequence[str]) -> str | None:
    """The media type to send: the offer of the highest quality; of equals, the first.

    The quality of an offer is that of the most specific range that matches it.  None if the client
    accepts no offer.
    """
    if not header or not header.strip():
        return offers[0]
    ranges = _weighted(header)
    best, best_quality = None, 0.0
    for offer in offers:
        kind = offer.split("/")[0]
        matches = [
            (specificity, quality)
            for range_, quality in ranges
            for specificity, pattern in enumerate(("*/*", f"{kind}/*", offer))
            if range_ == pattern
        ]
        quality = max(matches)[1] if matches else 0.0
        if quality > best_quality:
            best, best_quality = offer, quality
    return best


def weight(header: str | None, coding: str) -> float:
    """The weight of one content coding in an Accept-Encoding header; 0 if it is not accepted."""
    weights = dict(_weighted(header or ""))
    return weights.get(coding, weights.get("*", 0.0))


def accepts_gzip(headers: Headers) -> bool:
    """Whether a client accepts gzip."""
    return weight(", ".join(headers.getlist("accept-encoding")), "gzip") > 0


def _weighted(header: str) -> list[tuple[str, float]]:
    """Ranges of an Accept header with their weights; malformed ones are left out."""
    found = []
    for part in header.split(",", MAX_RANGES)[:MAX_RANGES]:
        if len(part) > MAX_RANGE_LENGTH:
            continue
        range_ = part.partition(";")[0].strip().lower()
        weight_ = WEIGHT.search(part)
        quality = weight_[1].strip() if weight_ else "1"
        if range_ and QVALUE.fullmatch(quality):
            found.append((range_, float(quality)))
    return found
