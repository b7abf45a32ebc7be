"""Which representation a request gets, by `?format=` or `Accept`; 406 says what there is."""

from collections.abc import Mapping

from fastapi import Request

from app.errors import FieldError, NotAcceptableError, Words
from app.negotiation import acceptable

JSON_TYPE = "application/json"
TEXT_TYPE = "text/plain"


def chosen(request: Request, format_: str | None, offers: Mapping[str, str]) -> str:
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


def only_json(request: Request) -> None:
    """406 where the client takes no JSON, for what has no other representation."""
    chosen(request, None, {"json": JSON_TYPE})
