"""Texts of the contract: description, tags, headers, and parameters in headers."""

from app.enums import KeyRole
from app.kinds import NOTICE_KINDS, OF_AGENCIES, OF_OTHERS


def _tag(name: str, description: str) -> dict[str, str]:
    return {"name": name, "description": description}


TAGS = [
    _tag("service", "服务说明与入口。Service document and links."),
    *(_tag(kind.plural, kind.tag) for kind in NOTICE_KINDS),
    _tag("deadlines", "时限日历。Deadlines as iCalendar feeds."),
    _tag("changes", "变更流。The change feed, for mirrors."),
    *(_tag(kind.plural, kind.tag) for kind in OF_AGENCIES),
    _tag("monitoring", "监测。Status of plans on a date."),
    *(_tag(kind.plural, kind.tag) for kind in OF_OTHERS),
    _tag("audit", "审计日志的校验点。Audit-log checkpoints for independent verification."),
    _tag("webhooks", "变更通知的订阅。Webhooks: subscriptions to changes."),
    _tag("compare", "比较。Comparison of two documents or versions."),
    _tag("search", "全文检索。Full-text search."),
]
DESCRIPTION = """把政府年度工作要点变成可引用、可查询的公开数据。

Government work plans as data: who must do what, by when and to what target, each value linked to its
exact position in the source text. Values taken from a notice are in the notice's own words, in
Simplified Chinese; what a notice does not state is `null`.

Reading needs no key. Writing needs a key, and each POST an `Idempotency-Key`: repeating a request
with the same `Idempotency-Key` replays the first response.

`HEAD` returns the status and headers of `GET` for every `GET` operation; for a whole list as NDJSON,
CSV or XLSX it reads no rows, so it has no `Content-Length`.

The code is under the MIT licence. The data are official documents, which are not subject to
copyright (Copyright Law of the People's Republic of China, article 5, item 1); `/v1` states this, too.
"""
KEY_LABELS = {
    KeyRole.REPORTER: "机构的密钥，可就其承担的任务提交。Key of an agency, for the tasks that it is "
    "assigned to.",
    KeyRole.COORDINATOR: "统筹部门的密钥，限本辖区及其下级的计划。Key of a coordinating department, for "
    "plans of its jurisdiction and of those below it.",
    KeyRole.ASSESSOR: "第三方评估机构的密钥，限所签发辖区及其下级的计划。Key of a third-party assessor, for "
    "plans of the jurisdiction that it was issued for and of those below it.",
    KeyRole.ADMIN: "管理员的密钥，可限一个辖区及其下级。Key of an administrator, of the whole service or of "
    "one jurisdiction and those below it.",
}
# Name → description, and whether the header is always present (RFC 9110, 8288, 9111).
HEADERS = {
    "ETag": ("Strong entity tag; send it in If-None-Match.", True),
    "Last-Modified": ("Time of the last change of any data; send it in If-Modified-Since.", True),
    "Cache-Control": ("How long a response may be reused without revalidation.", True),
    "Vary": ("Request headers that select the representation.", True),
    "Content-Language": ("zh-Hans; zh-Hant if converted by OpenCC; for problems also en.", True),
    "X-Request-ID": ("Id of this request; include it when you report a problem.", True),
    "Link": (
        (
            'RFC 8288. Of a list: rel="first", and rel="next" if there is a next page; omitted if '
            "longer than 2,000 bytes, as with hundreds of filters; use `page.next` then. Of a "
            'single resource: rel="alternate", its page for people.'
        ),
        False,
    ),
    "Retry-After": ("Seconds to wait before a retry.", True),
    "RateLimit-Policy": (
        (
            'Quotas of requests, such as `"client";q=600;w=60`: 600 in 60 s '
            "(draft-ietf-httpapi-ratelimit-headers). If the service has limits, on every response."
        ),
        False,
    ),
    "RateLimit": (
        (
            'What is left, such as `"client";r=12;t=34`: 12 requests in the next 34 s. '
            "If the service has limits, on every response."
        ),
        False,
    ),
    "Location": ("Path of the created resource.", True),
    "Content-Location": ("Path of the resource in the body, equal to Location.", True),
    "WWW-Authenticate": (
        "RFC 6750: authentication scheme, and whether the key sent is valid.",
        True,
    ),
}
# Conditional reads (RFC 9110, 13.1.2); a server never refuses this header.
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "上次得到的 ETag；没有变化时返回 304。ETag of your copy; returns 304 if it is "
    "current.",
    "schema": {"type": "string"},
}
# Changes only of the version that the client has read (RFC 9110, 13.1.1).
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "读取时得到的 ETag。The ETag from your last read; returns 412 if the resource "
    "has changed since.",
    "schema": {"type": "string", "minLength": 1},
    "example": '"8ff2470e4931e6fb6010eff2a99dc3"',
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "每个新请求一个新值（如 UUID），重试时不变。A new value for each new request, "
    "such as a UUID; the same value for retries "
    "(draft-ietf-httpapi-idempotency-key-header).",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "example": "0b8e3f52-7a4c-4f0e-9f55-0c8f1f0b6a11",
}
