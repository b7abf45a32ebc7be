"""Which representation a request gets, by `?format=` or `Accept`; 406 says what there is."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from fastapi import Request

from app.errors import FieldError, NotAcceptableError, Words
from app.negotiation import acceptable

JSON_TYPE = "application/json"
TEXT_TYPE = "text/plain"
NDJSON_TYPE = "application/x-ndjson"
CSV_TYPE = "text/csv"


class ListFormat(StrEnum):
    """How a list is sent."""

    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"


LIST_FORMATS = {
    ListFormat.JSON: JSON_TYPE,
    ListFormat.NDJSON: NDJSON_TYPE,
    ListFormat.CSV: CSV_TYPE,
}
# For the `responses` of a list.
EXPORTS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            media_type: {"schema": {"type": "string"}} for media_type in (NDJSON_TYPE, CSV_TYPE)
        }
    }
}


def chosen(request: Request, format_: str | None, offers: Mapping[Any, str]) -> str:
    """The media type to send; `offers` maps the values of `format` to media types."""
    if format_:
        return offers[format_]
    header = ", ".join(request.headers.getlist("accept")) or None
    media_type = acceptable(header, tuple(offers.values()))
    if media_type is None:
        there_is = list(offers.values())
        raise NotAcceptableError(
            errors=[
                FieldError(
                    "header",
                    "Accept",
                    Words(
                        f"本网址提供 {'、'.join(there_is)}。",
                        f"This path gives {', '.join(there_is)}.",
                    ),
                    there_is,
                )
            ]
        )
    return media_type
