"""Filters of the templates."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from markupsafe import Markup, escape

from app.clock import day_in_china

UNPRINTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LISTS = ("plans", "tasks", "agencies", "targets", "platforms", "bulletins", "assessments")
MONTHS = "January February March April May June July August September October November December"


def day(text: Any, is_english: bool = False) -> str:
    """2022-02-28 as 2022年2月28日 or 28 February 2022; of a moment, its day in China."""
    written = str(text)
    found = (
        day_in_china(datetime.fromisoformat(written))
        if "T" in written
        else date.fromisoformat(written)
    )
    if is_english:
        return f"{found.day} {MONTHS.split()[found.month - 1]} {found.year}"
    return f"{found.year}年{found.month}月{found.day}日"


def number(value: float) -> str:
    """2000000 as 2,000,000."""
    return f"{value:,.10g}" if abs(value) < 1e10 else f"{value:g}"


def web_link(url: str) -> str | None:
    """A URL that may be a link; None for other schemes, which are shown as text."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None


def marked(text: str, places: Sequence[Mapping[str, int]], offset: int = 0) -> Markup:
    """Text with places in `<mark>`; overlapping places are joined."""
    parts, at = [], 0
    for place in sorted(places, key=lambda one: (one["start"], one["end"])):
        start, end = max(place["start"] - offset, at), min(place["end"] - offset, len(text))
        if end > start:
            parts += [escape(text[at:start]), Markup("<mark>"), escape(text[start:end])]
            parts.append(Markup("</mark>"))
            at = end
    return Markup("").join([*parts, escape(text[at:])])


def side(text: str, parts: Sequence[Mapping[str, Any]], name: str) -> Markup:
    """One side of two compared texts, with what only it has in `<ins>` or `<del>`."""
    found = []
    for part in parts:
        words = escape(text[part[name]["start"] : part[name]["end"]])
        element = {"inserted": "ins", "deleted": "del"}.get(part["op"])
        found.append(Markup(f"<{element}>{words}</{element}>") if element and words else words)  # noqa: S704 - escaped
    return Markup("").join(found) if parts else escape(text)


def reached(target: Mapping[str, Any]) -> float | None:
    """The share of a target that its latest figure reaches, of 100; None if a bar says nothing of it."""
    latest = target["attainment"]["latest_value"]
    is_plain = target["comparator"] in ("gte", "gt", "eq") and not target["direction"]
    if latest is None or not target["value"] or not is_plain:
        return None
    return round(min(max(100.0 * float(latest) / float(target["value"]), 0.0), 100.0), 1)


def page_links(text: str, pages: Mapping[str, str] | None = None) -> Markup:
    """Text whose paths of lists of `/v1` are links to their pages, as are those of its words that have one."""
    named = {f"/v1/{name}": (f"/{name}", f"/{name}") for name in LISTS}
    named |= {word: (page, word) for word, page in (pages or {}).items()}
    words = "|".join(map(re.escape, sorted(named, key=len, reverse=True)))
    parts = re.split(rf"(?<![\w/-])({words})(?![\w/{{-]|\?\w)", text)
    links = (Markup('<a href="{}">{}</a>').format(*named[part]) for part in parts[1::2])
    plain = [escape(part) for part in parts[::2]]
    linked = [piece for pair in zip(plain, [*links, ""], strict=True) for piece in pair]
    return Markup("").join(linked)


def printed(text: str) -> str:
    """Text without the control characters that no XML document may have."""
    return UNPRINTED.sub("\ufffd", text)


def query(params: Mapping[str, Any]) -> str:
    """`?a=1&b=2`, or nothing."""
    given = {name: value for name, value in params.items() if value not in (None, "", [])}
    return f"?{urlencode(given, doseq=True)}" if given else ""


FILTERS: dict[str, Callable[..., Any]] = {
    "day": day,
    "number": number,
    "web_link": web_link,
    "marked": marked,
    "side": side,
    "reached": reached,
    "page_links": page_links,
    "printed": printed,
    "query": query,
}
