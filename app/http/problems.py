"""What goes wrong, as the client sees it: problem documents (RFC 9457).

    ApiError
    ├── MalformedRequestError  400  what cannot be parsed at all
    ├── UnauthorizedError      401  no key, or none that holds
    ├── ForbiddenError         403  a key that may not do this
    ├── NotFoundError          404
    ├── MethodNotAllowedError  405
    ├── NotAcceptableError     406
    ├── ConflictError          409  conflicts with stored data
    │   └── IdempotencyKeyReusedError 409
    ├── GoneError              410  was there once; the id stays taken
    ├── HistoryChangedError    410  a place in a change feed that was restored since
    ├── PreconditionFailedError 412 it has changed since
    ├── TooLargeError          413
    ├── UnsupportedMediaTypeError 415
    ├── InvalidParametersError 422  parsed, but invalid
    │   ├── AmbiguousNameError 422
    │   └── InvalidCursorError 422
    ├── PreconditionRequiredError 428 no If-Match
    ├── TooManyRequestsError   429  one key asks for too much at once
    ├── HeadTooLargeError      431
    ├── InternalError          500  always a bug of ours
    └── UnavailableError       503  try again

Titles and details are in Chinese, in the script that is preferred, and in English where
`Accept-Language` prefers that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar, NamedTuple

from asgi_correlation_id import correlation_id
from fastapi.encoders import jsonable_encoder
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse
from starlette.types import Scope

from app.http.languages import ENGLISH, in_script, language_of_problem
from app.http.paths import prefixed

PROBLEMS_PATH = "/problems"
PROBLEMS_KEY = "x-problems"  # kinds of problem at one status of an operation, by slug
LONGEST_INSTANCE = 300


class Message(NamedTuple):
    """The same sentence in Chinese, which is given in either script, and in English."""

    zh: str
    en: str

    def in_(self, language: str) -> str:
        return self.en if language == ENGLISH else in_script(self.zh, language)


@dataclass(frozen=True)
class FieldError:
    """One error: where it is, its name, and what would be right."""

    where: str  # query, path, header, body
    name: str
    message: Message
    allowed: Sequence[str] | None = None


class ProblemField(BaseModel):
    """An invalid parameter or field."""

    model_config = ConfigDict(title="ProblemField", serialize_by_alias=True)

    in_: str = Field(
        alias="in", description="Location: query, path, header or body.", examples=["query"]
    )
    name: str = Field(examples=["agency"])
    message: str = Field(description="What is wrong and what is expected.")
    allowed: list[str] | None = Field(
        description="Allowed values, or suggestions; null if there are none."
    )


class Problem(BaseModel):
    """A problem document (RFC 9457), `application/problem+json`."""

    type: str = Field(
        description="Stable problem type; links to a page on this server that explains it.",
        examples=["/problems/invalid-parameters"],
    )
    title: str = Field(examples=["参数不符合要求"])
    status: int = Field(ge=400, le=599, examples=[422])
    detail: str
    instance: str = Field(description="Requested path.")
    request_id: str = Field(description="Request id; include it when you report the problem.")
    errors: list[ProblemField]


class HistoryChangedProblem(Problem):
    """Problem: the position belongs to an earlier epoch of the feed; a mirror must start again."""

    epoch: str = Field(description="Current epoch of the feed.", examples=["5f3a9c1e0b7d2486"])
    head: int = Field(ge=0, description="Number of the latest change.")
    download: str = Field(
        description="Download to start again from; it states its `seq` and `epoch`. A URI template "
        "(RFC 6570) unless one plan was requested.",
        examples=["/v1/plans/{plan_id}/download"],
    )


class ApiError(Exception):
    """A failure that the client is told about; subclasses know their status and their page."""

    status: ClassVar[HTTPStatus]
    slug: ClassVar[str]
    title: ClassVar[Message]
    meaning: ClassVar[Message]  # for the problem's page
    problem: ClassVar[type[Problem]] = Problem
    members: Mapping[str, Any] = {}  # those that its `problem` adds

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
    """The request cannot be parsed at all."""

    status, slug = HTTPStatus.BAD_REQUEST, "malformed-request"
    title = Message("请求无法解析", "Malformed request")
    meaning = Message(
        "请求的编码有误：网址中的百分号编码须为合法的 UTF-8。",
        "The request cannot be decoded: percent-encoding in the URL must be valid UTF-8.",
    )


class UnauthorizedError(ApiError):
    """No key, or none that holds."""

    status, slug = HTTPStatus.UNAUTHORIZED, "unauthorized"
    title = Message("需要有效的密钥", "A valid key is needed")
    meaning = Message(
        "写入需要有效的密钥；查询不需要。密钥由管理员签发。",
        "Writing needs a valid key, which an administrator issues; reading needs none.",
    )


class ForbiddenError(ApiError):
    """A key that may not do this."""

    status, slug = HTTPStatus.FORBIDDEN, "forbidden"
    title = Message("无权进行此操作", "Not allowed")
    meaning = Message(
        "密钥有效，但其角色或机构不能进行此操作。",
        "The key is valid, but its role or its agency may not do this.",
    )


class NotFoundError(ApiError):
    """There is nothing at this path."""

    status, slug = HTTPStatus.NOT_FOUND, "not-found"
    title = Message("未找到", "Not found")
    meaning = Message(
        "此网址没有对应的资源。全部入口见 /v1。",
        "Nothing is at this path. /v1 links to everything there is.",
    )


class ConflictError(ApiError):
    """It conflicts with stored data."""

    status, slug = HTTPStatus.CONFLICT, "conflict"
    title = Message("与已有数据冲突", "Conflict")
    meaning = Message(
        "所提交的内容与已有数据冲突；说明中写明应当如何。",
        "This conflicts with data that are stored already; the detail says what would be right.",
    )


class IdempotencyKeyReusedError(ConflictError):
    """An Idempotency-Key that another request had."""

    slug = "idempotency-key-reused"
    title = Message("Idempotency-Key 已用于另一请求", "Idempotency-Key used for another request")
    meaning = Message(
        "同一 Idempotency-Key 已用于内容不同的请求；每个新请求请用新的值，重试才用原值。",
        "This Idempotency-Key was used for a request with other content; "
        "use a new one for each new request, and the same one only to repeat it.",
    )


class GoneError(ApiError):
    """It was there once."""

    status, slug = HTTPStatus.GONE, "gone"
    title = Message("已撤下", "Gone")
    meaning = Message(
        "该资源曾经发布，现已不在通知中；编号不会再用。",
        "This was published once and is no longer in the notice; its id is never used again.",
    )


class HistoryChangedError(ApiError):
    """A place in the change feed that belongs to another history."""

    status, slug = HTTPStatus.GONE, "history-changed"
    title = Message("变更流已是另一段历史", "The change feed has a new epoch")
    meaning = Message(
        "变更流恢复到了较早的状态，其后的序号另有所指；请从 download 重新下载，再由其 seq 和 epoch 继续。",
        "The change feed was restored to an earlier state, and numbers after it mean something else: "
        "begin again with a download, and go on from its seq and epoch.",
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
    """The path is there, the method is not."""

    status, slug = HTTPStatus.METHOD_NOT_ALLOWED, "method-not-allowed"
    title = Message("不支持此方法", "Method not allowed")
    meaning = Message(
        "此网址不支持该方法；可用的方法见 Allow 头。",
        "This path does not take that method; the Allow header lists those it takes.",
    )


class NotAcceptableError(ApiError):
    """None of the representations that the client accepts can be given."""

    status, slug = HTTPStatus.NOT_ACCEPTABLE, "not-acceptable"
    title = Message("无法提供所要求的格式", "Not acceptable")
    meaning = Message(
        "Accept 头中没有本网址能提供的格式。",
        "The Accept header names no format that this path can give.",
    )


class PreconditionFailedError(ApiError):
    """It has changed since the client read it."""

    status, slug = HTTPStatus.PRECONDITION_FAILED, "precondition-failed"
    title = Message("数据已变化", "Resource has changed")
    meaning = Message(
        "If-Match 中的 ETag 已不是现在的；请重新读取，确认后再改。",
        "The ETag in If-Match is not that of the current resource; read it again, then decide.",
    )


class PreconditionRequiredError(ApiError):
    """A change without saying of what."""

    status, slug = HTTPStatus.PRECONDITION_REQUIRED, "precondition-required"
    title = Message("缺少 If-Match", "Missing If-Match")
    meaning = Message(
        "修改须带 If-Match：填入读取时得到的 ETag，以免覆盖他人的修改。",
        "A change needs If-Match with the ETag that was read, so that nobody's change is lost.",
    )


class TooLargeError(ApiError):
    """A body that is longer than any operation takes."""

    status, slug = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large"
    title = Message("请求内容过大", "Too large")
    meaning = Message(
        "请求内容最多 64 KB（65,536 字节）。", "A body may have at most 65,536 bytes."
    )


class UnsupportedMediaTypeError(ApiError):
    """A body that is no JSON."""

    status, slug = HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type"
    title = Message("不支持的内容类型", "Unsupported media type")
    meaning = Message(
        "请求内容须为 JSON：Content-Type: application/json。",
        "The body must be JSON: Content-Type: application/json.",
    )


class InvalidParametersError(ApiError):
    """Parameters were read and do not fit."""

    status, slug = HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-parameters"
    title = Message("参数不符合要求", "Invalid parameters")
    meaning = Message(
        "有参数不符合要求；errors 逐一说明哪里不对、应当如何。",
        "Some parameters do not fit; errors says of each what is wrong and what would be right.",
    )


class AmbiguousNameError(InvalidParametersError):
    """A name that several share."""

    slug = "ambiguous-name"
    title = Message("名称有歧义", "Ambiguous name")
    meaning = Message(
        "同一名称可指多个机构；请改用 errors[].allowed 中的编号。",
        "Several bodies share this name; use one of the ids in errors[].allowed.",
    )


class InvalidCursorError(InvalidParametersError):
    """A cursor that this list did not give."""

    slug = "invalid-cursor"
    title = Message("游标无效", "Invalid cursor")
    meaning = Message(
        "游标被改动过，或属于另一组筛选条件；请原样使用 page.next，或从第一页重新开始。",
        "The cursor was changed or belongs to other filters; use page.next as it is, "
        "or start from the first page.",
    )


class TooManyRequestsError(ApiError):
    """One key asks for more at once than leaves room for others."""

    status, slug = HTTPStatus.TOO_MANY_REQUESTS, "too-many-requests"
    title = Message("同时提交过多", "Too many concurrent writes")
    meaning = Message(
        "此密钥同时提交的请求过多，未写入任何内容；请等待应答，按 Retry-After 稍后再试。",
        "This key has too many requests waiting, and nothing was written; wait for their responses, "
        "and try again after Retry-After seconds.",
    )

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "1"})


class HeadTooLargeError(ApiError):
    """A request line and headers that are longer than any request needs."""

    status, slug = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "head-too-large"
    title = Message("请求头过大", "Request head too large")
    meaning = Message(
        "请求行与头部合计最多 64 KB（65,536 字节）、100 个头部。",
        "The request line and headers may have at most 65,536 bytes and 100 headers in all.",
    )


class InternalError(ApiError):
    """A bug of ours."""

    status, slug = HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error"
    title = Message("服务内部错误", "Internal error")
    meaning = Message(
        "这是我们的缺陷；报告时请附上 request_id。",
        "This is a bug of ours; please report it with the request_id.",
    )


class UnavailableError(ApiError):
    """The database does not respond in time."""

    status, slug = HTTPStatus.SERVICE_UNAVAILABLE, "unavailable"
    title = Message("暂时无法提供服务", "Unavailable")
    meaning = Message(
        "数据库暂时没有应答；请按 Retry-After 稍后再试，写入请用同一 Idempotency-Key。",
        "The database does not respond for now; try again after Retry-After seconds, "
        "a write with the same Idempotency-Key.",
    )

    def __init__(self, detail: Message | None = None) -> None:
        super().__init__(detail, headers={"Retry-After": "2"})


def every_kind(kind: type[ApiError] = ApiError) -> list[type[ApiError]]:
    """All kinds of problem, for their pages and for the contract."""
    found = [kind] if "slug" in vars(kind) else []
    for narrower in kind.__subclasses__():
        found += every_kind(narrower)
    return found


def problem_response(scope: Scope, error: ApiError) -> JSONResponse:
    """The problem document for a request, in the language that it prefers."""
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
    """For the `responses` of an operation that can fail in these ways; the contract fills it."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        entry = by_status.setdefault(kind.status.value, {"description": "", PROBLEMS_KEY: []})
        entry[PROBLEMS_KEY].append(kind.slug)
    return by_status
