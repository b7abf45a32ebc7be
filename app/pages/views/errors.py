"""`/errors`: the form to report an error, and what came of earlier reports.

The form needs no key and no cookie.  A report is accepted from a form of this service (its `Origin`,
and a signed time stamp), and only so many from one address; it stores neither name nor address.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import Request, Response
from pydantic import ValidationError

from app.http.clients import client_of
from app.http.paths import prefixed
from app.http.problems import (
    MALFORMED_BODY,
    ApiError,
    FieldError,
    ForbiddenError,
    MalformedRequestError,
    Message,
    NotFoundError,
)
from app.kinds.document import Document
from app.kinds.error_report import SUBJECTS
from app.kinds.jurisdiction import JURISDICTION
from app.kinds.plan import PLAN
from app.pages.errors import error_page
from app.pages.reading import Api, Rows
from app.pages.rendering import View, page_language, render
from app.resources.error_reports.commands import receive as store
from app.resources.error_reports.routes import list_error_reports
from app.resources.error_reports.schemas import LONGEST_MESSAGE, ErrorForm, Subject
from app.resources.plans.routes import get_plan_text
from app.routing import receive
from app.writing.writer import Writer

KINDS = {kind.plural: kind for kind in SUBJECTS}
MOST_WORDS = 1000
FORM_TYPE = "application/x-www-form-urlencoded"
FIELDS = {"message", "stamp"}
DAY = 24 * 60 * 60  # seconds in which a form can be sent
FROM_ELSEWHERE = Message(
    "请在本站的页面上填写并提交。", "Fill in and send the form on a page of this site."
)
TOO_OLD = Message(
    "表单已过期，请再提交一次；所填内容还在。",
    "The form has expired; send it again. What you wrote is still here.",
)
NO_MESSAGE = Message(
    f"请写明错误，最多 {LONGEST_MESSAGE} 字，不含控制字符。",
    f"Say what is wrong, in at most {LONGEST_MESSAGE} characters and without control characters.",
)


@dataclass(frozen=True, kw_only=True)
class ErrorsView(View):
    """Resolved reports, and how to report an error."""

    template: ClassVar = "errors.html"
    found: Rows
    params: dict[str, Any]
    is_received: bool


@dataclass(frozen=True, kw_only=True)
class FormView(View):
    """The form for one thing."""

    template: ClassVar = "error_form.html"
    headers: ClassVar = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
    about: Subject
    action: str
    stamp: str
    message: str = ""
    wrong: str | None = None
    longest: int = LONGEST_MESSAGE


async def errors(api: Api) -> View:
    """`/errors`, with `about` the form for a thing: `about=tasks/gd-dg-2022-t17.2`."""
    if "about" in api.request.query_params:
        return _form(api.request, await _subject(api))
    params = api.given("plan", "outcome")
    listed = {"sort": "-resolved_at", **params, "limit": 50, **api.given("cursor")}
    found = await api.rows(list_error_reports, listed)
    return ErrorsView(
        found=found,
        params=params,
        is_received="received" in api.request.query_params,
        json=found.href,
        csv=found.csv,
        feed="/v1/changes.atom?resource=error_report",
    )


async def report_error(request: Request) -> Response:
    """`POST /errors?about=`: store a report, then show the page on which it will be."""
    try:
        return await _report(request)
    except ApiError as error:
        return error_page(request, error)


async def _report(request: Request) -> Response:
    _require_own_form(request)
    fields = _fields(await receive(request, FORM_TYPE))
    async with request.app.state.database.reading() as reader:
        subject = await _subject(Api(request, reader))
    writer: Writer = request.app.state.writer
    now = writer.clock()
    try:
        message = ErrorForm(message=fields["message"]).message.strip()
    except ValidationError:
        return _again(request, subject, fields["message"], NO_MESSAGE)
    if not _is_fresh(fields["stamp"], _action(request), writer.secret, now):
        return _again(request, subject, message, TOO_OLD)
    address = client_of(request.scope, writer.settings.trusted_proxies)
    await request.app.state.error_senders.count(address, writer.secret)
    await store(writer, subject, message)
    language = request.query_params.getlist("lang")
    query = urlencode({"received": "1", **({"lang": page_language(request)} if language else {})})
    location = prefixed(request.scope, f"/errors?{query}#received")
    return Response(status_code=303, headers={"Location": location, "Cache-Control": "no-store"})


def _require_own_form(request: Request) -> None:
    """Browsers name the origin of a form; another site cannot choose it (Fetch, section 3.2)."""
    own = {request.headers.get("host"), urlsplit(request.app.state.public_url).netloc} - {"", None}
    origin = request.headers.get("origin", "")
    if urlsplit(origin).netloc not in own:
        raise ForbiddenError(FROM_ELSEWHERE)


def _fields(body: bytes) -> dict[str, str]:
    """The two fields of the form, each once; raises MalformedRequestError."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=10
        )
    except ValueError:
        pairs = []
    if sorted(name for name, _ in pairs) != sorted(FIELDS):
        raise MalformedRequestError(MALFORMED_BODY, [FieldError("body", "body", FROM_ELSEWHERE)])
    return dict(pairs)


async def _subject(api: Api) -> Subject:
    """The thing that `about` names, and its words in the notice; raises NotFoundError, GoneError."""
    given = api.request.query_params.getlist("about")
    plural, _, id_ = given[0].partition("/")
    kind = KINDS.get(plural)
    if kind is None or len(given) > 1:
        raise NotFoundError
    document = await api.document(kind, id_)
    plan_id = document["id"] if kind is PLAN else document.get("plan")
    owner = document if plan_id in (None, document["id"]) else await api.document(PLAN, plan_id)
    jurisdiction = (
        owner["code"] if kind is JURISDICTION else owner.get("jurisdiction", {}).get("code")
    )
    span = api.selected() if kind is PLAN else _span_of(document)
    words = None
    if span and plan_id:
        text = (await api.read(get_plan_text, {"format": "text"}, plan_id=plan_id)).body.decode()
        start, end = span
        span = (start, min(end, start + MOST_WORDS, len(text)))
        words = text[slice(*span)]
    return Subject(
        kind.name,
        document["id"],
        kind.title(document),
        document["html_url"],
        plan_id,
        jurisdiction,
        words or None,
        span if words else None,
    )


def _span_of(document: Document) -> tuple[int, int] | None:
    span = document.get("span")
    return (span["start"], span["end"]) if span else None


def _form(
    request: Request, about: Subject, message: str = "", wrong: Message | None = None
) -> FormView:
    writer: Writer = request.app.state.writer
    action = _action(request)
    return FormView(
        about=about,
        action=action,
        stamp=_stamp(action, writer.secret, int(writer.clock().timestamp())),
        message=message,
        wrong=wrong and wrong.in_(page_language(request)),
    )


def _again(request: Request, about: Subject, message: str, wrong: Message) -> Response:
    """The form with what was written, since nothing may be lost."""
    response = render(request, _form(request, about, message, wrong))
    response.status_code = 422
    return response


def _action(request: Request) -> str:
    """Where the form is sent: to its own address, which names the thing."""
    query = {
        name: request.query_params[name]
        for name in ("about", "start", "end", "lang")
        if name in request.query_params
    }
    return f"/errors?{urlencode(query)}"


def _stamp(action: str, secret: bytes, seconds: int) -> str:
    """When a form was made, signed together with what it is about."""
    key = hmac.digest(secret, b"error form", "sha256")
    return f"{seconds}-{hmac.digest(key, f'{seconds} {action}'.encode(), 'sha256').hex()}"


def _is_fresh(stamp: str, action: str, secret: bytes, now: datetime) -> bool:
    seconds = stamp.partition("-")[0]
    if not (seconds.isascii() and seconds.isdecimal() and len(seconds) < 12):
        return False
    is_ours = hmac.compare_digest(stamp.encode(), _stamp(action, secret, int(seconds)).encode())
    return is_ours and 0 <= now.timestamp() - int(seconds) + 1 <= DAY
