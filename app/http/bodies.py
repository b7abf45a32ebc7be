"""JSON bodies, parsed strictly: what parsers could read differently is refused.

400 for invalid JSON (RFC 8259) and for what differs between parsers: bytes that are not UTF-8, a
byte order mark, duplicate members, NaN and infinities, more than 32 levels.  422 for a body that
violates the schema.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, NoReturn, TypeVar, get_args
from urllib.parse import urlsplit

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

from app.http.parameters import DATE, invalid_parameters, unknown_name
from app.http.problems import MALFORMED_BODY, FieldError, MalformedRequestError, Message

DEEPEST = 32
JSON_LIMITS = Message(
    f"须为 UTF-8 编码的 JSON：无字节顺序标记，成员不重复，没有 NaN 或 Infinity，层级不超过 {DEEPEST}。",
    "It must be JSON in UTF-8 without a byte order mark, duplicate members, NaN or Infinity, "
    f"nested at most {DEEPEST} levels deep.",
)
# C0 except tab and line ends, C1, line separators, bidirectional controls, noncharacters.
UNPRINTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufdd0-\ufdef\ufffe\uffff]"
)
NONE_OF = r"\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u2028-\u202E\u2066-\u2069\uFEFF\uFDD0-\uFDEF\uFFFE\uFFFF"
LINE_END = re.compile(r"\r\n?")  # Windows, and old files
PROSE = rf"^[^{NONE_OF}]*[^\s{NONE_OF}][^{NONE_OF}]*$"
LONGEST_URL = 2000
ModelT = TypeVar("ModelT", bound="Body")


class Body(BaseModel):
    """The body of a request; each operation has a subclass of its own."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


def _line_feeds(value: Any) -> Any:
    """Convert line ends to line feeds: browser forms send CRLF."""
    return LINE_END.sub("\n", value) if isinstance(value, str) else value


def _only_prose(text: str) -> str:
    if UNPRINTED.search(text):
        raise PydanticCustomError("control_character", "control characters")
    if not text.strip():
        raise PydanticCustomError("string_too_short", "nothing but spaces")
    return text


class _Prose:
    """Adds the pattern to the schema that `_only_prose` checks."""

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(core), "pattern": PROSE}


def prose(longest: int) -> Any:
    """Text for people of at most `longest` code points, stored unchanged except for line ends."""
    return Annotated[
        str,
        Field(min_length=1, max_length=longest),
        BeforeValidator(_line_feeds),
        AfterValidator(_only_prose),
        _Prose(),
    ]


def _calendar_date(value: Any) -> Any:
    if not isinstance(value, str) or not DATE.fullmatch(value):
        raise PydanticCustomError("date_form", "not YYYY-MM-DD")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError("date_form", "not in the calendar") from None


def _https_url(value: str) -> str:
    """An https URL with a host; it is stored and shown, never fetched."""
    try:
        parts = urlsplit(value)
        fits = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if (
        not fits
        or not value.isascii()
        or not value.isprintable()
        or " " in value
        or "@" in parts.netloc
    ):
        raise PydanticCustomError("https_url", "not an https URL")
    return value


BodyDate = Annotated[date, BeforeValidator(_calendar_date)]
HttpsUrl = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_URL,
        pattern=r"^https://[!-?A-~]+$",
        json_schema_extra={"format": "uri"},
    ),
    AfterValidator(_https_url),
]


MOST = Decimal(10**15)
MOST_PLACES = 6


def _figure(value: Any) -> Decimal:
    """The exact value of a JSON number, as databases return it: without exponent or negative zero."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise PydanticCustomError("figure", "not a number")
    figure = Decimal(value)
    if figure.copy_abs() > MOST or figure != round(figure, MOST_PLACES):
        raise PydanticCustomError("figure", "out of range")
    return Decimal(f"{figure:f}") if figure else Decimal(0)


Figure = Annotated[
    Decimal,
    BeforeValidator(_figure),
    WithJsonSchema(
        {"type": "number"}
    ),  # no bounds: with bounds this wide, the Go client loses its types
]


class EvidenceSubmission(Body):
    """A link to evidence; the service never fetches it."""

    url: HttpsUrl = Field(
        description="https URL; percent-encode non-ASCII characters.",
        examples=["https://www.example.gov.cn/demo/1.html"],
    )
    title: prose(200) | None = Field(default=None, description="Title of the linked page.")  # type: ignore[valid-type]


def read_body(raw: bytes, kind: type[ModelT]) -> ModelT:
    """The body of a request; raises MalformedRequestError, InvalidParametersError."""
    parsed = _parse(raw)
    try:
        return kind.model_validate(parsed)
    except ValidationError as invalid:
        errors = [error for error in invalid.errors() if error["type"] != "extra_forbidden"]
        refusal = invalid_parameters("body", errors)
        unknown = [error["loc"] for error in invalid.errors() if error["type"] == "extra_forbidden"]
        refusal.errors = [*refusal.errors, *(_unknown_member(kind, loc) for loc in unknown[:20])]
        raise refusal from None


def _unknown_member(kind: Any, location: Sequence[int | str]) -> FieldError:
    """The error for an unknown member: its full name, and similar names at the same place."""
    *above, name = location
    for step in above:
        if isinstance(step, str):
            inside = kind.model_fields[step].annotation
            kind = next(
                one
                for one in (inside, *_parts(inside))
                if isinstance(one, type) and issubclass(one, Body)
            )
    known = [field.alias or name for name, field in kind.model_fields.items()]
    refusal = unknown_name("body", str(name), known)
    return replace(refusal, name=".".join([*map(str, above), refusal.name]))


def _parts(hint: Any) -> Iterator[Any]:
    """All type arguments, nested ones included: `Body` in `list[Body] | None`."""
    for part in get_args(hint):
        yield part
        yield from _parts(part)


def _parse(raw: bytes) -> Any:
    try:
        parsed = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
            parse_float=_exact,
        )
        if _depth(parsed) > DEEPEST:
            raise ValueError("too deep")
    except (ValueError, RecursionError):  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        errors = [FieldError("body", "body", JSON_LIMITS)]
        raise MalformedRequestError(MALFORMED_BODY, errors) from None
    return parsed


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("duplicate member")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _exact(digits: str) -> Decimal:
    if len(digits) > 40:
        raise ValueError("too many digits")
    try:
        return Decimal(digits)
    except ArithmeticError:
        raise ValueError("exponent out of range") from None


def _depth(value: Any) -> int:
    """The number of nested levels of objects and arrays."""
    deepest, level = 0, [value]
    while level:
        nested = [one for one in level if isinstance(one, dict | list)]
        deepest += bool(nested)
        level = [v for one in nested for v in (one.values() if isinstance(one, dict) else one)]
    return deepest
