"""The change feed as Atom (RFC 4287), in pages (RFC 5005, section 3): newest entries first."""

import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from sqlalchemy import Row

from app.enums import Script
from app.formats.permanent_names import reference, tag
from app.http.media_types import ATOM_TYPE, HTML_TYPE, JSON_TYPE
from app.kinds import BY_NAME
from app.kinds.document import Document, marked, moment
from app.kinds.kind import Kind
from app.resources.changes.queries import Recent, RecentQuery

NAMESPACE = "http://www.w3.org/2005/Atom"
EPOCH_NAMESPACE = tag("changes")  # of an extension element (RFC 4287, section 6.4.1)
PATH = "/v1/changes.atom"
TITLE = "政府工作要点：变更"
AUTHOR = "Work Plan API"  # of the feed, not of what changed
NEVER = "1970-01-01T00:00:00Z"  # a feed must have been updated once, also before the first change
# Characters that XML 1.0 does not allow in any form (section 2.2).
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_atom(recent: Recent, params: RecentQuery, language: Script, public_url: str) -> str:
    """One page of the feed, in the notice's script; middleware converts it."""
    feed = Element("feed", {"xmlns": NAMESPACE, "xml:lang": language})
    _add(feed, "id", tag("changes") + _query(sorted(recent.filters.items())))
    _add(feed, "title", TITLE)
    _add(feed, "updated", moment(recent.last_at) if recent.last_at else NEVER)
    SubElement(feed, "feed:epoch", {"xmlns:feed": EPOCH_NAMESPACE}).text = recent.epoch
    _add(SubElement(feed, "author"), "name", AUTHOR)
    _link(feed, "alternate", HTML_TYPE, reference(public_url, "/changes"))
    _link(feed, "alternate", JSON_TYPE, reference(public_url, "/v1/changes"))
    for relation, before in _pages(recent, params).items():
        page = params.model_copy(update={"before": before})
        query = page.model_dump(exclude_unset=True, exclude_none=True).items()
        _link(feed, relation, ATOM_TYPE, reference(public_url, PATH + _query([*query])))
    for change in recent.changes:
        _entry(feed, change, json.loads(recent.documents[change.resource, change.id]), public_url)
    indent(feed)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(feed, encoding="unicode") + "\n"


def _query(parameters: Sequence[tuple[str, Any]]) -> str:
    """The query string; it keeps the order of the parameters, so it is the same on every worker."""
    return f"?{urlencode(parameters, doseq=True)}" if parameters else ""


def _pages(recent: Recent, params: RecentQuery) -> dict[str, int | None]:
    """Relation → `before` of that page.

    As numbers have no gaps, the previous page is known, too, unless there are filters.
    """
    pages: dict[str, int | None] = {"self": params.before, "first": None}
    newest = recent.changes[0].seq if recent.changes else (params.before or 1) - 1
    if newest < recent.head and not recent.filters:
        pages["previous"] = newest + params.limit + 1
    if recent.scanned_from > 1:
        pages["next"] = recent.scanned_from
    return pages


def _entry(feed: Element, change: Row[Any], document: Document, public_url: str) -> None:
    """One change; its id is made of the resource, its version and the epoch.

    Together these are unique; after a restore, versions come again.
    """
    done, kind = change.op.label, BY_NAME[change.resource]
    entry = SubElement(feed, "entry")
    of_epoch = ("changes", change.epoch) if change.epoch else ("changes",)
    _add(entry, "id", tag(*of_epoch, change.resource, change.id, str(change.version)))
    _add(entry, "title", f"{done}{kind.label}：{_name(kind, document, change)}")
    _add(entry, "updated", moment(change.at))
    page = kind.html_url(document)
    _link(entry, "alternate", HTML_TYPE, reference(public_url, page))
    _link(entry, "alternate", JSON_TYPE, reference(public_url, f"{kind.path}/{change.id}"))
    SubElement(entry, "category", {"term": change.op, "label": done})
    SubElement(entry, "category", {"term": kind.name, "label": kind.label})
    _add(entry, "summary", f"{change.id}，第 {change.version} 版；变更流第 {change.seq} 号。")


def _name(kind: Kind, document: Document, change: Row[Any]) -> str:
    """The title of the resource, with its reporting agency or assessor, if it has one."""
    title, who = marked(kind.title(document), change.is_example), kind.author(document)
    return f"{title}（{who}）" if who else title


def _link(parent: Element, relation: str, media_type: str, href: str) -> None:
    SubElement(parent, "link", {"rel": relation, "type": media_type, "href": href})


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = NOT_XML.sub("\ufffd", text)
