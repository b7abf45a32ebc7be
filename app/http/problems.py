"""Errors as clients see them: problem documents (RFC 9457).

    ApiError
    ├── MalformedRequestError  400  cannot be parsed
    ├── UnauthorizedError      401  no key, or an invalid one
    ├── ForbiddenError         403  the key has no permission for this
    ├── NotFoundError          404
    ├── MethodNotAllowedError  405
    ├── NotAcceptableError     406
    ├── ConflictError          409  conflicts with stored data
    │   └── IdempotencyKeyReusedError 409
    ├── GoneError              410  withdrawn; the id is not reused
    ├── HistoryChangedError    410  a position in an earlier epoch of the change feed
    ├── PreconditionFailedError 412 the resource has changed since
    ├── TooLargeError          413
    ├── UnsupportedMediaTypeError 415
    ├── InvalidParametersError 422  parsed, but invalid
    │   ├── AmbiguousNameError 422
    │   └── InvalidCursorError 422
    ├── PreconditionRequiredError 428 no If-Match
    ├── TooManyRequestsError   429  too many concurrent writes with one key
    ├── RateLimitedError       429  more requests than the operator permits
    ├── HeadTooLargeError      431
    ├── InternalError          500  a bug in the service
    └── UnavailableError       503  retry later

Titles and details are in Chinese, in the preferred script, or in English if `Accept-Language`
prefers it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar, NamedTuple

from asgi_correlation_id import correlation_id
from fastapi.encoders import jsonable_encoder
from starlette.responses import JSONResponse
from starlette.types import Scope

from app.http.languages import ENGLISH, in_script, language_of_problem
from app.http.paths import prefixed
from app.http.problem_schemas import HistoryChangedProblem, Problem, ProblemCandidate, ProblemField

PROBLEMS_PATH = "/problems"
PROBLEMS_KEY = "x-problems"  # slugs of the problems that an operation returns with one status
LONGEST_INSTANCE = 300


class Message(NamedTuple):
    """The same sentence in Chinese (sent in either script) and in English."""

    zh: str
    en: str

    def in_(self, language: str) -> str:
        return self.en if language == ENGLISH else in_script(self.zh, language)


@dataclass(frozen=True)
class FieldError:
    """One error: its location, the name of the parameter or member, and what is valid."""

    where: str  # query, path, header, body
    name: str
    message: Message
    allowed: Sequence[str] | None = None
    candidates: Sequence[ProblemCandidate] | None = None  # what an ambiguous name may mean


class ApiError(Exception):
    """An error that is sent to the client; subclasses define its status and the text of its page."""

    status: ClassVar[HTTPStatus]
    slug: ClassVar[str]
    title: ClassVar[Message]
    meaning: ClassVar[Message]  # for the problem's page
    problem: ClassVar[type[Problem]] = Problem
    members: Mapping[str, Any] = {}  # additional members of `problem`

    def __init__(
        self,
        detail: Message | None = None,
        errors: Sequence[FieldError] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        self.detail = detail or self.meaning
        self.errors = errors
        self.headers = headers or {}
        super().__init__(self.detail.en)


class MalformedRequestError(ApiError):
    """The request cannot be parsed."""

    status, slug = HTTPStatus.BAD_REQUEST, "malformed-request"
    title = Message("请求无法解析", "Malformed request")
    meaning = Message(
        "请求的编码有误：网址中的百分号编码须为合法的 UTF-8。",
        "The request cannot be decoded: percent-encoding in the URL must be valid UTF-8.",
    )


MALFORMED_BODY = Message(
    "请求内容无法解析；errors 说明应当如何。",
    "The body cannot be parsed; errors say what would be right.",
)


class UnauthorizedError(ApiError):
    """No key, or an invalid one."""

    status, slug = HTTPStatus.UNAUTHORIZED, "unauthorized"
    title = Message("需要有效的密钥", "Valid key required")
    meaning = Message(
        "写入需要有效的密钥；查询不需要。密钥由管理员签发。",
        "Writing requires a valid key, issued by an administrator; reading requires none.",
    )


class ForbiddenError(ApiError):
    """The key has no permission for this operation."""

    status, slug = HTTPStatus.FORBIDDEN, "forbidden"
    title = Message("无权进行此操作", "Not allowed")
    meaning = Message(
        "密钥有效，但其角色或机构不能进行此操作。",
        "The key is valid, but its role or agency has no permission for this operation.",
    )


class NotFoundError(ApiError):
    """There is no resource at this path."""

    status, slug = HTTPStatus.NOT_FOUND, "not-found"
    title = Message("未找到", "Not found")
    meaning = Message(
        "此网址没有对应的资源。全部入口见 /v1。",
        "There is no resource at this path. /v1 links to all resources.",
    )


class ConflictError(ApiError):
    """The request conflicts with stored data."""

    status, slug = HTTPStatus.CONFLICT, "conflict"
    title = Message("与已有数据冲突", "Conflict")
    meaning = Message(
        "所提交的内容与已有数据冲突；说明中写明应当如何。",
        "The request conflicts with stored data; the detail states what is valid.",
    )


class IdempotencyKeyReusedError(ConflictError):
    """The Idempotency-Key belongs to another request."""

    slug = "idempotency-key-reused"
    title = Message("Idempotency-Key 已用于另一请求", "Idempotency-Key used for another request")
    meaning = Message(
        "同一 Idempotency-Key 已用于内容不同的请求；每个新请求请用新的值，重试才用原值。",
        "This Idempotency-Key was used for a request with different content; "
        "use a new value for each new request, and the same value only for retries.",
    )


class GoneError(ApiError):
    """The resource was published once and has been withdrawn."""

    status, slug = HTTPStatus.GONE, "gone"
    title = Message("已撤下", "Gone")
    meaning = Message(
        "该资源曾经发布，现已不在通知中；编号不会再用。",
        "This resource was published and is no longer in the notice; its id is never reused.",
    )


class HistoryChangedError(ApiError):
    """A position in the change feed that belongs to another epoch."""

    status, slug = HTTPStatus.GONE, "history-changed"
    title = Message("变更流已是另一段历史", "The change feed has a new epoch")
    meaning = Message(
        "变更流恢复到了较早的状态，其后的序号另有所指；请从 download 重新下载，再由其 seq 和 epoch 继续。",
        "The change feed was restored to an earlier state, so later sequence numbers now refer to other "
        "changes. Start again with a download, and continue from its seq and epoch.",
    )
    problem = HistoryChangedProblem

    def __init__(self, parameter: str, epoch: str, head: int, plan: str | None) -> None:
        allowed = [epoch] if parameter == "epoch" else None
        super().__init__(errors=[FieldError("query", parameter, self.meaning, allowed)])
        self.members = {
            "epoch": epoch,
            "head": head,
            "download": f"/v1/plans/{plan or '{plan_id}'}/download",
        }


class MethodNotAllowedError(ApiError):
    """The path exists but does not support the method."""

    status, slug = HTTPStatus.METHOD_NOT_ALLOWED, "method-not-allowed"
    title = Message("不支持此方法", "Method not allowed")
    meaning = Message(
        "此网址不支持该方法；可用的方法见 Allow 头。",
        "This path does not support the method; the Allow header lists those that it supports.",
    )


class NotAcceptableError(ApiError):
    """The client accepts none of the available formats."""

    status, slug = HTTPStatus.NOT_ACCEPTABLE, "not-acceptable"
    title = Message("无法提供所要求的格式", "Not acceptable")
    meaning = Message(
        "Accept 头中没有本网址能提供的格式。",
        "The Accept header names no format that this path provides.",
    )


class PreconditionFailedError(ApiError):
    """The resource has changed since the client read it."""

    status, slug = HTTPStatus.PRECONDITION_FAILED, "precondition-failed"
    title = Message("数据已变化", "Resource has changed")
    meaning = Message(
        "If-Match 中的 ETag 已不是现在的；请重新读取，确认后再改。",
        "The ETag in If-Match is not the current one; read the resource again before changing it.",
    )


class PreconditionRequiredError(ApiError):
    """A change without If-Match."""

    status, slug = HTTPStatus.PRECONDITION_REQUIRED, "precondition-required"
    title = Message("缺少 If-Match", "Missing If-Match")
    meaning = Message(
        "修改须带 If-Match：填入读取时得到的 ETag，以免覆盖他人的修改。",
        "A change requires If-Match with the ETag from your last read, so that it overwrites no other change.",
    )


class TooLargeError(ApiError):
    """The body exceeds the limit."""

    status, slug = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large"
    title = Message("请求内容过大", "Too large")
    meaning = Message(
        "请求内容最多 64 KB（65,536 字节）。", "A body may have at most 65,536 bytes."
    )


class UnsupportedMediaTypeError(ApiError):
    """The body is not declared as JSON."""

    status, slug = HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type"
    title = Message("不支持的内容类型", "Unsupported media type")
    meaning = Message(
        "请求内容须为 JSON：Content-Type: application/json。",
        "The body must be JSON: Content-Type: application/json.",
    )


class InvalidParametersError(ApiError):
    """The request was parsed, but parameters or members of its body are invalid."""

    status, slug = HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-parameters"
    title = Message("参数不符合要求", "Invalid parameters")
    meaning = Message(
        "有参数不符合要求；errors 逐一说明哪里不对、应当如何。",
        "Some parameters are invalid; for each, errors states what is wrong and what is valid.",
    )


class AmbiguousNameError(InvalidParametersError):
    """A name that several agencies share."""

    slug = "ambiguous-name"
    title = Message("名称有歧义", "Ambiguous name")
    meaning = Message(
        "同一名称可指多个机构；请用 jurisdiction= 指明辖区，或改用 errors[].candidates 中的编号。",
        "Several agencies share this name; jurisdiction= decides, or use one of the ids in "
        "errors[].candidates.",
    )


class InvalidCursorError(InvalidParametersError):
    """A cursor that this list did not return."""

    slug = "invalid-cursor"
    title = Message("游标无效", "Invalid cursor")
    meaning = Message(
        "游标被改动过，或属于另一组筛选条件；请原样使用 page.next，或从第一页重新开始。",
        "The cursor was changed or belongs to other filters; use page.next unchanged, "
        "or start from the first page.",
    )


class TooManyRequestsError(ApiError):
    """Too many concurrent writes with one key."""

    status, slug = HTTPStatus.TOO_MANY_REQUESTS, "too-many-requests"
    title = Message("同时提交过多", "Too many concurrent writes")
    meaning = Message(
        "此密钥同时提交的请求过多，未写入任何内容；请等待应答，按 Retry-After 稍后再试。",
        "This key has too many pending requests, and nothing was written; wait for their responses, "
        "and try again after Retry-After seconds.",
    )

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "1"})


class HeadTooLargeError(ApiError):
    """The request line and headers exceed the limits."""

    status, slug = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "head-too-large"
    title = Message("请求头过大", "Request head too large")
    meaning = Message(
        "请求行与头部合计最多 64 KB（65,536 字节）、100 个头部。",
        "The request line and headers may have at most 65,536 bytes and 100 headers in all.",
    )


class InternalError(ApiError):
    """A bug in the service."""

    status, slug = HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error"
    title = Message("服务内部错误", "Internal error")
    meaning = Message(
        "这是我们的缺陷；报告时请附上 request_id。",
        "This is a bug in the service; please report it with the request_id.",
    )


class UnavailableError(ApiError):
    """The database does not respond in time."""

    status, slug = HTTPStatus.SERVICE_UNAVAILABLE, "unavailable"
    title = Message("暂时无法提供服务", "Unavailable")
    meaning = Message(
        "数据库暂时没有应答；请按 Retry-After 稍后再试，写入请用同一 Idempotency-Key。",
        "The database is currently not responding; try again after Retry-After seconds, "
        "and repeat a write with the same Idempotency-Key.",
    )

    def __init__(self, detail: Message | None = None, seconds: int = 2) -> None:
        super().__init__(detail, headers={"Retry-After": str(seconds)})


def every_kind(kind: type[ApiError] = ApiError) -> list[type[ApiError]]:
    """All kinds of problem; each has a page and an entry in the contract."""
    found = [kind] if "slug" in vars(kind) else []
    for subclass in kind.__subclasses__():
        found += every_kind(subclass)
    return found


def problem_response(scope: Scope, error: ApiError) -> JSONResponse:
    """The problem document for a request, in its preferred language."""
    language = language_of_problem(scope)
    request_id = correlation_id.get() or ""
    raw_path = scope.get("raw_path") or scope["path"].encode()
    problem = error.problem(
        **error.members,
        type=prefixed(scope, f"{PROBLEMS_PATH}/{error.slug}"),
        title=error.title.in_(language),
        status=error.status,
        detail=error.detail.in_(language),
        instance=prefixed(scope, raw_path.decode("ascii", "replace"))[:LONGEST_INSTANCE],
        request_id=request_id,
        errors=[
            ProblemField.model_validate(
                {
                    "in": field.where,
                    "name": field.name,
                    "message": field.message.in_(language),
                    "allowed": None if field.allowed is None else list(field.allowed),
                    "candidates": field.candidates,
                }
            )
            for field in error.errors
        ],
    )
    return JSONResponse(
        jsonable_encoder(problem, by_alias=True),
        status_code=error.status,
        media_type="application/problem+json",
        headers={
            "Content-Language": language,
            "Vary": "Accept-Language",
            "Cache-Control": "no-store",
            **error.headers,
        },
    )


def documented(*kinds: type[ApiError]) -> dict[int | str, dict[str, Any]]:
    """For the `responses` of an operation: the problems that it may return; the contract completes them."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        entry = by_status.setdefault(kind.status.value, {"description": "", PROBLEMS_KEY: []})
        entry[PROBLEMS_KEY].append(kind.slug)
    return by_status
