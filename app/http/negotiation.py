"""Content negotiation: what the client prefers among what there is (RFC 9110, section 12).

A header costs at most `MAX_RANGES` short ranges, however long it is: the rest is ignored.
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
    """The language to answer in, by lookup (RFC 4647, section 3.4): lower-case tag → language.

    The range of the highest quality that finds one; `en-GB` finds `en`, `*` finds nothing.
    """
    for range_, quality in sorted(_weighted(header or ""), key=lambda one: -one[1]):
        subtags = range_.split("-", MAX_SUBTAGS)[:MAX_SUBTAGS]
        while subtags and quality > 0:
            if (tag := "-".join(subtags)) in tags:
                return tags[tag]
            subtags.pop()
    return default


def acceptable(header: str | None, offers: Sequence[str]) -> str | None:
    """The media type to send: the offer of the highest quality, an earlier one among equals.

    The most specific range that fits an offer gives its quality; None where all are refused.
    """
    if not header or not header.strip():
        return offers[0]
    ranges = _weighted(header)
    best, best_quality = None, 0.0
    for offer in offers:
        kind = offer.split("/")[0]
        fitting = [
            (specificity, quality)
            for range_, quality in ranges
            for specificity, wanted in enumerate(("*/*", f"{kind}/*", offer))
            if range_ == wanted
        ]
        quality = max(fitting)[1] if fitting else 0.0
        if quality > best_quality:
            best, best_quality = offer, quality
    return best


def weight(header: str | None, coding: str) -> float:
    """The weight of one content coding in an Accept-Encoding header; 0 where it is not wanted."""
    weights = dict(_weighted(header or ""))
    return weights.get(coding, weights.get("*", 0.0))


def takes_gzip(headers: Headers) -> bool:
    """Whether a client takes gzip."""
    return weight(", ".join(headers.getlist("accept-encoding")), "gzip") > 0


def _weighted(header: str) -> list[tuple[str, float]]:
    """Ranges of an Accept header with their weights; what is not well-formed is left out."""
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
