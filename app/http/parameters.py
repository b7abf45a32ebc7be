"""Query parameters: strict types, and errors that state what is valid.

Only documented parameters, each at most once unless it may be repeated; booleans are `true` and
`false`, dates are `YYYY-MM-DD`, moments are RFC 3339.
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
from app.http.suggestions import MOST_SUGGESTIONS, RENAMED, RENAMED_IN, near_parameters, parts_of

DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
UNESCAPED_PLUS = re.compile(r" (?=\d\d:?\d\d$)", re.ASCII)
INTEGER = re.compile(r"0|[1-9]\d*", re.ASCII)
MOST_DIGITS = 16  # more than any limit has
EPOCH = re.compile(r"[0-9a-f]{16}")
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")
PRINTED = r"^[^\u0000-\u001F\u007F-\u009F\u2028\u2029\uFFFE\uFFFF]+$"  # none of CONTROL
LANGUAGE = (
    "Script of the response; overrides Accept-Language. zh-Hant is converted by "
    "OpenCC; ids, spans and hashes always refer to the authoritative zh-Hans text."
)
LONGEST_TEXT = 200
LONGEST_CURSOR = 2000  # contains the sort value of a row, which may be a title of 400 characters
MOST_VALUES = 1000
MOST_PARAMETERS = 2_000  # in a request, each repetition counted
MOST_ERRORS = 20  # in one problem document
TOO_MANY_PARAMETERS = Message(
    f"参数最多 {MOST_PARAMETERS} 个，重复的各算一个；请分几次查询。",
    f"A request may have at most {MOST_PARAMETERS} parameters, counting each repetition; "
    "split the query into several requests.",
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
    """RFC 3339; a `+` that was not escaped arrives as a space."""
    try:
        return parse_moment(UNESCAPED_PLUS.sub("+", str(value)))
    except ValueError:
        raise PydanticCustomError("moment_form", "not RFC 3339") from None


def exact_integer(value: Any) -> Any:
    """Digits alone, for `BeforeValidator`; of an integer of any length its limit is what is wrong."""
    if not isinstance(value, str):
        return value
    if not INTEGER.fullmatch(value):
        raise PydanticCustomError("integer_form", "not a whole number")
    return value[:MOST_DIGITS]


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
    """Adds the pattern to the schema that `_only_text` checks."""

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

    @property
    def is_private(self) -> bool:
        """Whether this request needs a permission, although others for the operation do not."""
        return False

    def resolve_defaults(self, today: Callable[[], date]) -> None:
        """Fill in defaults that depend on the date in China; subclasses with such defaults override it."""


async def document_language(
    lang: Annotated[Script | None, QueryParameter(description=LANGUAGE)] = None,
) -> None:
    """Documents `lang` for every operation; `read_query` parses it together with the others."""


QueryT = TypeVar("QueryT", bound=Query)


def read_query(kind: type[QueryT], query_string: bytes) -> QueryT:
    """The parameters of a request; raises InvalidParametersError.

    422 for a parameter that the operation does not have, or that is repeated but may not be.
    """
    known = repeatable(kind)
    values: dict[str, Any] = {}
    errors: dict[str, FieldError] = {}
    for name, value in _pairs(query_string):
        if known.get(name):
            values.setdefault(name, []).append(value)
        elif name in errors:
            continue
        elif name not in known:
            suggest = len(errors) < MOST_SUGGESTIONS
            errors[name] = unknown_name("query", name, known, suggest=suggest)
        elif name in values:
            message = Message("此参数只能出现一次。", "This parameter may appear only once.")
            errors[name] = FieldError("query", name, message)
        else:
            values[name] = value
        if len(errors) == MOST_ERRORS:
            break
    if errors:
        raise InvalidParametersError(errors=list(errors.values()))
    try:
        return kind.model_validate(values)
    except ValidationError as invalid:
        raise invalid_parameters("query", invalid.errors()) from None


def _pairs(query_string: bytes) -> list[tuple[str, str]]:
    """Names and values; raises InvalidParametersError if there are too many."""
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
    """Pydantic's errors as a problem, without duplicates."""
    distinct = {(one["loc"], one["type"]): one for one in errors}
    return InvalidParametersError(
        errors=[explain(where, one) for one in list(distinct.values())[:MOST_ERRORS]]
    )


def unknown_name(
    where: str, name: str, names: Iterable[str], *, suggest: bool = True
) -> FieldError:
    """The error for an unknown name, with similar ones."""
    known = sorted(names)
    near = near_parameters(name, known) if suggest else []
    shown = "".join(filter(str.isprintable, name[:200]))[:60]  # without bidirectional controls
    zh, en = ("参数", "parameter") if where == "query" else ("成员", "member")
    if near:
        message = Message(
            f"没有这个{zh}。是否想写 {'、'.join(near)}？",
            f"There is no such {en}. Did you mean {' or '.join(near)}?",
        )
    else:
        message = Message(
            f"没有这个{zh}。可用的{zh}：{'、'.join(known)}。",
            f"There is no such {en}. Available: {', '.join(known)}.",
        )
    return FieldError(where, shown, message, near or known)


def with_hint(message: Message, parameter: str, value: str) -> Message:
    """The message about a value, with a hint if several values were written as one."""
    if len(parts_of(value[:LONGEST_TEXT])) < 2:
        return message
    repeated = f"{parameter}=…&{parameter}=…"
    return Message(
        f"{message.zh}多个值请重复此参数：{repeated}。",
        f"{message.en} For several values repeat the parameter: {repeated}.",
    )


def explain(where: str, error: Mapping[str, Any]) -> FieldError:
    """One of pydantic's errors, as a message that states what is valid."""
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
            renamed = RENAMED.get(str(error["input"]))
            if renamed in allowed:
                message = Message(
                    f"自 {RENAMED_IN} 起写作 {renamed}。", f"Since {RENAMED_IN} it is {renamed}."
                )
        case "date_form" | "date_from_datetime_parsing" | "date_parsing" | "date_type":
            message = Message(
                "须为存在的日期，写作 YYYY-MM-DD，如 2022-12-31。",
                "It must be a valid date in the form YYYY-MM-DD, such as 2022-12-31.",
            )
        case "moment_form":
            message = Message(
                "须为存在的时刻，带时区，写作 2022-02-28T00:00:00Z 或 2022-02-28T08:00:00+08:00。",
                "It must be a valid date and time with an offset, such as "
                "2022-02-28T00:00:00Z or 2022-02-28T08:00:00+08:00.",
            )
        case "epoch_form":
            message = Message(
                "须为 page.epoch 的原样：16 位数字 0–9、小写字母 a–f。",
                "It must be page.epoch unchanged: 16 characters, digits 0–9 and lower-case letters a–f.",
            )
        case "integer_form" | "int_parsing" | "int_type":
            message = Message(
                "须为整数，只用数字 0–9。", "It must be an integer, written with digits 0–9 only."
            )
        case "greater_than_equal":
            message = Message(
                f"不得小于 {context['ge']}。", f"It must be at least {context['ge']}."
            )
        case "greater_than":
            message = Message(
                f"须大于 {context['gt']}。", f"It must be greater than {context['gt']}."
            )
        case "less_than_equal":
            message = Message(f"不得大于 {context['le']}。", f"It must be at most {context['le']}.")
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
            message = Message("缺少。", "It is required.")
        case "too_short":
            message = Message(
                f"至少 {context['min_length']} 项。",
                f"The minimum number of items is {context['min_length']}.",
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
                "It must be an https URL; percent-encode non-ASCII characters.",
            )
        case "figure":
            message = Message(
                "须为数字，绝对值不超过 10 的 15 次方，小数不超过 6 位。",
                "It must be a number between -10^15 and 10^15 with at most 6 decimal places.",
            )
        case "event_name":
            message = Message(
                "须为事件名，如 report.created（资源.操作，二者同 /v1/changes；withdrawn 仅用于通知中的资源）。",
                "It must be an event name, such as report.created: a resource and an operation, as in "
                "/v1/changes; only resources from a notice can be withdrawn.",
            )
        case "signing_secret":
            message = Message(
                "须为 whsec_ 加 24–64 个随机字节的 base64。",
                "It must be whsec_ followed by the base64 of 24 to 64 random bytes.",
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
