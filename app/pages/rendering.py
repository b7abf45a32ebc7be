"""From a view to HTML: templates, languages, headers.

Templates contain plain links from the root of the service.  If the service has a prefix, or a page
another language than Simplified Chinese, `_relinked` completes them: quotes in text are escaped, so
only links of our own match.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import Request, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from app.chinese.scripts import converter
from app.enums import Script, TableHeader
from app.formats.columns import Table
from app.formats.tables import csv_head, csv_rows
from app.http.languages import ENGLISH
from app.http.media_types import CSV_TYPE, attachment
from app.http.paths import prefixed
from app.kinds.document import Document
from app.pages.assets import ASSETS
from app.pages.english import english
from app.pages.filters import FILTERS
from app.projections.json_text import as_json
from app.reading.one import base_of

LANGUAGES = {Script.HANS: "简体", Script.HANT: "繁體", ENGLISH: "English"}
MOST_PARAMETERS = 200  # of a page, which repeats them in its links
SCRIPTS = {"zh-Hans": "Simplified Chinese", "zh-Hant": "Traditional Chinese"}
SINGULAR = {
    "tasks": "task",
    "targets": "target",
    "items": "item",
    "agencies": "agency",
    "plans": "plan",
    "results": "result",
    "times": "time",
    "corrections": "correction",
}
COUNTED = re.compile(rf"\{{(\w+)\}} ({'|'.join(SINGULAR)})\b")
LINK = re.compile(r' (href|src|action)="(/[^"]*)"')
NOT_PAGES = re.compile(
    r"/(?:v1|assets|docs|redoc|openapi|problems|favicon)\b|/[a-z]+\.(?:svg|xml|txt)\b"
)
UNCONVERTED = re.compile(r'(<[a-z]+ translate="no">[^<]*)')
HEADERS = {
    # Nothing of ours connects; without connect-src, Lighthouse cannot read robots.txt.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


@dataclass(frozen=True, kw_only=True)
class View:
    """What one page shows; each page has a subclass and a template."""

    template: ClassVar[str]
    media_type: ClassVar[str] = "text/html"
    status: ClassVar[int] = 200
    headers: ClassVar[Mapping[str, str]] = {}
    json: str | None = None  # the path of its data
    subject: str | None = None  # what an error report from this page is about: tasks/{id}
    csv: str | None = None
    calendar: str | None = None
    feed: str | None = None
    ld: Mapping[str, Any] | None = None  # schema.org


@dataclass(frozen=True, kw_only=True)
class Redirect(View):
    """Another page of the service."""

    template: ClassVar = ""
    to: str


@dataclass(frozen=True, kw_only=True)
class TableView(View):
    """A table as CSV."""

    template: ClassVar = ""
    file: str  # its name, without the suffix
    table: Table
    rows: Sequence[Document]


@dataclass(frozen=True)
class Frame:
    """What the layout shows of a request."""

    language: str
    path: str  # without the prefix
    base: str  # of absolute links
    here: Mapping[str, str] = field(default_factory=dict)  # language → this page in it

    @classmethod
    def of(cls, request: Request) -> "Frame":
        query = request.scope["query_string"].decode("latin-1")
        has_too_many = query.count("&") >= MOST_PARAMETERS  # the page of an error says so
        pairs = [] if has_too_many else parse_qsl(query, keep_blank_values=True)
        others = [pair for pair in pairs if pair[0] != "lang"]
        path = request.url.path

        def in_(language: str) -> str:
            return f"{path}?{urlencode([*others, ('lang', language)])}"

        here = {language: in_(language) for language in LANGUAGES}
        return cls(page_language(request), path, base_of(request), here)

    @property
    def url(self) -> str:
        """The canonical URL."""
        suffix = "" if self.language == Script.HANS else f"?lang={self.language}"
        return f"{self.base}{self.path}{suffix}"


def page_language(request: Request) -> str:
    """The language of a page, by its URL alone, so that a shared link shows everyone the same."""
    given = request.query_params.getlist("lang")
    return given[0] if len(given) == 1 and given[0] in LANGUAGES else str(Script.HANS)


@cache
def environment(language: str) -> Environment:
    """The templates in a language; Traditional is converted from Simplified."""
    made = Environment(
        loader=PackageLoader("app.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    is_english = language == ENGLISH

    def t(text: str, **values: Any) -> Markup:
        """A text of the frame; values are escaped."""
        if is_english:
            text = COUNTED.sub(
                lambda found: (
                    f"{{{found[1]}}} {SINGULAR[found[2]]}"
                    if values.get(found[1]) == 1
                    else found[0]
                ),
                english(text),
            )
        return Markup(text).format(**values)  # noqa: S704 - our own text

    def label(of: Any, name: str) -> str:
        """The label of a member with a closed set of values; English from the value itself."""
        document = of if isinstance(of, Mapping) else vars(of)
        if is_english and document[name] is not None:
            return SCRIPTS.get(document[name]) or document[name].replace("_", " ").capitalize()
        return str(document[f"{name}_label"] or "")

    made.globals |= {
        "t": t,
        "label": label,
        "is_english": is_english,
        # Marks the notice's words where the frame is in another language.
        "zh": Markup(' lang="zh-Hans"') if is_english else "",
        "languages": LANGUAGES,
        "assets": ASSETS,
    }
    made.filters |= FILTERS
    return made


def render(request: Request, view: View) -> Response:
    """The page."""
    frame = Frame.of(request)
    language = frame.language
    if isinstance(view, Redirect):
        (link,) = LINK.finditer(
            _relinked(f' href="{view.to}"', prefixed(request.scope, ""), language)
        )
        return Response(status_code=307, headers={"Location": unescape(link[2])})
    if isinstance(view, TableView):
        return _csv(view, language)
    template = environment(ENGLISH if language == ENGLISH else Script.HANS).get_template(
        view.template
    )
    html = template.render(
        vars(view),
        frame=frame,
        ld_json=_data_block(view.ld, frame) if view.ld else None,
    )
    if language == Script.HANT:
        convert = converter("s2t").convert
        parts = UNCONVERTED.split(html)
        html = "".join(part if i % 2 else convert(part) for i, part in enumerate(parts))
    prefix = prefixed(request.scope, "")
    if prefix or language != Script.HANS:
        html = _relinked(html, prefix, language)
    headers = {**HEADERS, "Content-Language": language, **view.headers}
    return Response(html, view.status, headers, view.media_type)


def _csv(view: TableView, language: str) -> Response:
    """A table with Chinese labels, or with the names that programs know."""
    header = TableHeader.NAMES if language == ENGLISH else TableHeader.LABELS
    rows = csv_rows(view.table, header, map(as_json, view.rows))
    text = csv_head(view.table, header) + rows
    if language == Script.HANT:
        text = converter("s2t").convert(text)
    headers = {**HEADERS, "Content-Language": language, **attachment(view.file, CSV_TYPE)}
    return Response(text, headers=headers, media_type=CSV_TYPE)


def _data_block(described: Mapping[str, Any], frame: Frame) -> Markup:
    """JSON-LD for a script element, in which nothing can end the element."""
    stated = {name: value for name, value in described.items() if value is not None}
    document = {"@context": "https://schema.org", **stated, "url": frame.url}
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 - escaped for its place


def _relinked(html: str, prefix: str, language: str) -> str:
    def complete(match: re.Match[str]) -> str:
        attribute, link = match.groups()
        is_page = attribute == "href" and not NOT_PAGES.match(link)
        if is_page and language != Script.HANS and "lang=" not in link:
            address, mark, fragment = link.partition("#")
            joint = "&amp;" if urlsplit(address).query else "?"
            link = f"{address}{joint}lang={language}{mark}{fragment}"
        return f' {attribute}="{prefix}{link}"'

    return LINK.sub(complete, html)
