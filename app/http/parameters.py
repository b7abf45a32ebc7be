"""Query parameters: strict types, and errors that say what would be right.

Only documented parameters, each at most once unless it may be repeated; booleans are `true` and
`false`, dates `YYYY-MM-DD`, moments any of RFC 3339.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, TypeVar, get_origin
from urllib.parse import parse_qsl

from fastapi import Query as QueryParameter
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError

from app.enums import Script
from app.http.moments import parse_moment
from app.http.problems import FieldError, InvalidParametersError, Message
from app.http.suggestions import MOST_SUGGESTIONS, near_parameters, parts_of

DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
UNESCAPED_PLUS = re.compile(r" (?=\d\d:?\d\d$)", re.ASCII)
INTEGER = re.compile(r"0|[1-9]\d{0,8}", re.ASCII)
EPOCH = re.compile(r"[0-9a-f]{16}")
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")
PRINTED = r"^[^\u0000-\u001F\u007F-\u009F\u2028\u2029\uFFFE\uFFFF]+$"  # none of CONTROL
LANGUAGE = (
    "Script of the response; overrides Accept-Language. zh-Hant is converted by "
    "OpenCC; ids, spans and hashes always refer to the authoritative zh-Hans text."
)
LONGEST_TEXT = 200
LONGEST_CURSOR = 2000  # it holds what the list is ordered by, so a title of 400 characters fits
MOST_VALUES = 1000
MOST_PARAMETERS = 2_000  # of a request, each as often as it is there
MOST_ERRORS = 20  # told at once; a request with more mistakes is no mistake
TOO_MANY_PARAMETERS = Message(
    f"参数最多 {MOST_PARAMETERS} 个，重复的各算一个；请分几次查询。",
    f"A request may have at most {MOST_PARAMETERS} parameters, repeated ones counted each; "
    "ask in several requests.",
)


def _only_text(value: str) -> str:
    if CONTROL.search(value):
        raise PydanticCustomError("control_character", "control characters")
    return value


def _exact_date(value: Any) -> Any:
    if isinstance(value, str) and not DATE.fullmatch(value):
        raise PydanticCustomError("date_form", "not YYYY-MM-DD")
    return value


def _moment(value: Any) -> datetime:
    """A `+` that was not escaped comes as a blank."""
    try:
        return parse_moment(UNESCAPED_PLUS.sub("+", str(value)))
    except ValueError:
        raise PydanticCustomError("moment_form", "not of RFC 3339") from None


def exact_integer(value: Any) -> Any:
    """Digits alone; for `BeforeValidator`."""
    if isinstance(value, str) and not INTEGER.fullmatch(value):
        raise PydanticCustomError("integer_form", "not a whole number")
    return value


def _exact_epoch(value: str) -> str:
    if not EPOCH.fullmatch(value):
        raise PydanticCustomError("epoch_form", "not 16 hexadecimal digits")
    return value


def _exact_boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise PydanticCustomError("boolean_form", "neither true nor false")


class _Printed:
    """Says in the schema, as a pattern, what `_only_text` refuses."""

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(core), "pattern": PRINTED}


ShortText = Annotated[
    str,
    Field(min_length=1, max_length=LONGEST_TEXT),
    AfterValidator(_only_text),
    _Printed(),
]
CursorText = Annotated[
    str,
    Field(min_length=1, max_length=LONGEST_CURSOR),
    AfterValidator(_only_text),
    _Printed(),
]
IsoDate = Annotated[date, BeforeValidator(_exact_date)]
Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
EpochText = Annotated[
    str,
    AfterValidator(_exact_epoch),
    WithJsonSchema({"type": "string", "pattern": f"^{EPOCH.pattern}$"}),
]
Boolean = Annotated[bool, BeforeValidator(_exact_boolean)]
Year = Annotated[int, Field(ge=1900, le=2999), BeforeValidator(exact_integer)]
PageLimit = Annotated[int, Field(ge=1, le=1000), BeforeValidator(exact_integer)]


def many(description: str, **more: Any) -> Any:
    """A filter that may be repeated: several values mean OR."""
    return Field(default_factory=list, max_length=MOST_VALUES, description=description, **more)


class Query(BaseModel):
    """Parameters of one operation; each subclass adds its own."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    lang: Script | None = Field(default=None, description=LANGUAGE)

    def resolve_defaults(self, today: Callable[[], date]) -> None:
        """Fill in defaults that depend on the day in China, for those that have some."""


async def take_language(
    lang: Annotated[Script | None, QueryParameter(description=LANGUAGE)] = None,
) -> None:
    """In the contract of every operation; `read_query` reads it with the others."""


QueryT = TypeVar("QueryT", bound=Query)


def read_query(kind: type[QueryT], query_string: bytes) -> QueryT:
    """The parameters of a request; raises InvalidParametersError.

    422 for a parameter that the operation does not have, or that is there twice.
    """
    known = repeatable(kind)
    given: dict[str, Any] = {}
    errors: dict[str, FieldError] = {}
    for name, value in _pairs(query_string):
        if known.get(name):
            given.setdefault(name, []).append(value)
        elif name in errors:
            continue
        elif name not in known:
            suggest = len(errors) < MOST_SUGGESTIONS
            errors[name] = unknown_name("query", name, known, suggest=suggest)
        elif name in given:
            message = Message("此参数只能出现一次。", "This parameter may appear only once.")
            errors[name] = FieldError("query", name, message)
        else:
            given[name] = value
        if len(errors) == MOST_ERRORS:
            break
    if errors:
        raise InvalidParametersError(errors=list(errors.values()))
    try:
        return kind.model_validate(given)
    except ValidationError as invalid:
        raise invalid_parameters("query", invalid.errors()) from None


def _pairs(query_string: bytes) -> list[tuple[str, str]]:
    """Names and values; raises InvalidParametersError for more than any request needs."""
    try:
        return parse_qsl(
            query_string.decode("latin-1"), keep_blank_values=True, max_num_fields=MOST_PARAMETERS
        )
    except ValueError:
        raise InvalidParametersError(
            errors=[FieldError("query", "query", TOO_MANY_PARAMETERS)]
        ) from None


@cache
def repeatable(kind: type[Query]) -> dict[str, bool]:
    """The parameters of an operation, and whether each may be repeated."""
    return {name: get_origin(field.annotation) is list for name, field in kind.model_fields.items()}


def invalid_parameters(where: str, errors: Iterable[Mapping[str, Any]]) -> InvalidParametersError:
    """Pydantic's errors as a problem; each mistake is told once."""
    different = {(one["loc"], one["type"]): one for one in errors}
    return InvalidParametersError(
        errors=[explain(where, one) for one in list(different.values())[:MOST_ERRORS]]
    )


def unknown_name(
    where: str, name: str, there_is: Iterable[str], *, suggest: bool = True
) -> FieldError:
    """A name that nothing has, with those that may have been meant."""
    known = sorted(there_is)
    near = near_parameters(name, known) if suggest else []
    shown = "".join(filter(str.isprintable, name[:200]))[:60]  # nor what turns the text around it
    zh, en = ("参数", "parameter") if where == "query" else ("成员", "member")
    if near:
        message = Message(
            f"没有这个{zh}。是否想写 {'、'.join(near)}？",
            f"There is no such {en}. Did you mean {' or '.join(near)}?",
        )
    else:
        message = Message(
            f"没有这个{zh}。可用的{zh}：{'、'.join(known)}。",
            f"There is no such {en}. There are: {', '.join(known)}.",
        )
    return FieldError(where, shown, message, near or known)


def with_hint(message: Message, parameter: str, value: str) -> Message:
    """What is wrong with a value, and what to do where several were written as one."""
    if len(parts_of(value[:LONGEST_TEXT])) < 2:
        return message
    repeated = f"{parameter}=…&{parameter}=…"
    return Message(
        f"{message.zh}多个值请重复此参数：{repeated}。",
        f"{message.en} For several values repeat the parameter: {repeated}.",
    )


def explain(where: str, error: Mapping[str, Any]) -> FieldError:
    """One of pydantic's errors, in words that say what would be right."""
    parts = error["loc"] if where == "body" else [p for p in error["loc"] if isinstance(p, str)]
    name = ".".join(map(str, parts)) or where
    context = error.get("ctx") or {}
    allowed = None
    match error["type"]:
        case "enum" | "literal_error":
            allowed = re.findall(r"'([^']*)'", str(context.get("expected", "")))
            message = Message(
                f"只能是 {'、'.join(allowed)}。", f"It must be one of {', '.join(allowed)}."
            )
        case "date_form" | "date_from_datetime_parsing" | "date_parsing" | "date_type":
            message = Message(
                "须为存在的日期，写作 YYYY-MM-DD，如 2022-12-31。",
                "It must be a date of the calendar written YYYY-MM-DD, such as 2022-12-31.",
            )
        case "moment_form":
            message = Message(
                "须为存在的时刻，带时区，写作 2022-02-28T00:00:00Z 或 2022-02-28T08:00:00+08:00。",
                "It must be a moment of the calendar with an offset, written "
                "2022-02-28T00:00:00Z or 2022-02-28T08:00:00+08:00.",
            )
        case "epoch_form":
            message = Message(
                "须为 page.epoch 的原样：16 位数字 0–9、小写字母 a–f。",
                "It must be page.epoch as it is: 16 digits 0–9 and small letters a–f.",
            )
        case "integer_form" | "int_parsing" | "int_type":
            message = Message(
                "须为整数，只用数字 0–9。", "It must be a whole number in digits 0–9."
            )
        case "greater_than_equal":
            message = Message(f"不得小于 {context['ge']}。", f"It must be {context['ge']} or more.")
        case "greater_than":
            message = Message(f"须大于 {context['gt']}。", f"It must be more than {context['gt']}.")
        case "less_than_equal":
            message = Message(f"不得大于 {context['le']}。", f"It must be {context['le']} or less.")
        case "boolean_form":
            allowed = ["true", "false"]
            message = Message("只能是 true 或 false。", "It must be true or false.")
        case "control_character":
            message = Message("不得含控制字符。", "It must not contain control characters.")
        case "string_too_short":
            message = Message("不得为空。", "It must not be empty.")
        case "string_too_long":
            message = Message(
                f"最多 {context['max_length']} 个字符。",
                f"It may have at most {context['max_length']} characters.",
            )
        case "too_long":
            message = Message(
                f"最多重复 {context['max_length']} 次。",
                f"It may be repeated at most {context['max_length']} times.",
            )
        case "missing":
            message = Message("缺少。", "It is missing.")
        case "too_short":
            message = Message(
                f"至少 {context['min_length']} 项。", f"It needs at least {context['min_length']}."
            )
        case "bool_type":
            allowed = ["true", "false"]
            message = Message("只能是 true 或 false。", "It must be true or false.")
        case "string_type":
            message = Message("须为字符串。", "It must be a string.")
        case "string_unicode":
            message = Message("不得含单独的代理码位。", "It must not contain lone surrogates.")
        case "string_pattern_mismatch" | "https_url":
            message = Message(
                "须为 https 网址，非 ASCII 字符须作百分号编码。",
                "It must be an https URL, with other than ASCII percent-encoded.",
            )
        case "figure":
            message = Message(
                "须为数字，绝对值不超过 10 的 15 次方，小数不超过 6 位。",
                "It must be a number of at most 10 to the 15th, with at most 6 decimal places.",
            )
        case "event_name":
            message = Message(
                "须为事件名，如 report.created（资源.操作，二者同 /v1/changes；withdrawn 仅用于通知中的资源）。",
                "It must be an event, such as report.created: a resource and an operation of "
                "/v1/changes; only what is of a notice is withdrawn.",
            )
        case "signing_secret":
            message = Message(
                "须为 whsec_ 加 24–64 个随机字节的 base64。",
                "It must be whsec_ and the base64 of 24 to 64 random bytes.",
            )
        case "list_type":
            message = Message("须为数组。", "It must be an array.")
        case "model_type" | "model_attributes_type":
            message = Message("须为 JSON 对象。", "It must be a JSON object.")
        case _:
            message = Message("不符合要求；见接口说明。", "Invalid value; see the API reference.")
    if where == "query" and len(error["loc"]) > 1:  # one value of several
        message = with_hint(message, name, str(error["input"]))
    return FieldError(where, name, message, allowed)
