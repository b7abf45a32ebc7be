"""The representation of a response, by `?format=` or `Accept`; a 406 lists the available ones."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from fastapi import Request, Response

from app.enums import TableHeader
from app.http.negotiation import acceptable
from app.http.problems import FieldError, InvalidParametersError, Message, NotAcceptableError

JSON_TYPE = "application/json"
TEXT_TYPE = "text/plain"
NDJSON_TYPE = "application/x-ndjson"
CSV_TYPE = "text/csv"
ZIP_TYPE = "application/zip"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MARKDOWN_TYPE = "text/markdown"
STRATML_TYPE = "application/xml"
CALENDAR_TYPE = "text/calendar"
ATOM_TYPE = "application/atom+xml"
HTML_TYPE = "text/html"
PICTURE_TYPE = "image/webp"


class ListFormat(StrEnum):
    """Format of a list."""

    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"
    XLSX = "xlsx"


class DownloadFormat(StrEnum):
    """Format of a plan download."""

    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"
    XLSX = "xlsx"
    MARKDOWN = "markdown"
    STRATML = "stratml"


class TextFormat(StrEnum):
    """Format of a plan's text."""

    JSON = "json"
    TEXT = "text"


LIST_FORMATS = {
    ListFormat.JSON: JSON_TYPE,
    ListFormat.NDJSON: NDJSON_TYPE,
    ListFormat.CSV: CSV_TYPE,
    ListFormat.XLSX: XLSX_TYPE,
}
DOWNLOAD_FORMATS = {
    DownloadFormat.JSON: JSON_TYPE,
    DownloadFormat.NDJSON: NDJSON_TYPE,
    DownloadFormat.CSV: ZIP_TYPE,
    DownloadFormat.XLSX: XLSX_TYPE,
    DownloadFormat.MARKDOWN: MARKDOWN_TYPE,
    DownloadFormat.STRATML: STRATML_TYPE,
}
TEXT_FORMATS = {TextFormat.JSON: JSON_TYPE, TextFormat.TEXT: TEXT_TYPE}
SUFFIXES = {
    NDJSON_TYPE: "ndjson",
    CSV_TYPE: "csv",
    XLSX_TYPE: "xlsx",
    ZIP_TYPE: "zip",
    MARKDOWN_TYPE: "md",
    STRATML_TYPE: "xml",
    CALENDAR_TYPE: "ics",
    ATOM_TYPE: "atom",
}


HEADER = (
    "For `csv` and `xlsx`: `labels` for people (Chinese titles, labels instead of "
    "codes, times in China's time zone), `names` for programs (member names and "
    "values). Default: `names` for `csv`, `labels` for `xlsx`."
)
BINARY = (XLSX_TYPE, ZIP_TYPE, PICTURE_TYPE)
HEADERS = {  # the default header of tables
    CSV_TYPE: TableHeader.NAMES,
    XLSX_TYPE: TableHeader.LABELS,
    ZIP_TYPE: TableHeader.NAMES,
}


class CalendarResponse(Response):
    """The `response_class` of an operation whose only format is a calendar."""

    media_type = CALENDAR_TYPE


class PictureResponse(Response):
    """The same for a picture."""

    media_type = PICTURE_TYPE


class AtomResponse(Response):
    """The same for a feed; the XML declaration states its encoding, as RFC 7303 recommends."""

    media_type = ATOM_TYPE


def also_as(formats: Mapping[Any, str]) -> dict[int | str, dict[str, Any]]:
    """For the `responses` of an operation: its formats other than JSON."""
    text, binary = {"type": "string"}, {"type": "string", "format": "binary"}
    return {
        200: {
            "content": {
                media_type: {"schema": dict(binary if media_type in BINARY else text)}
                for media_type in formats.values()
                if media_type != JSON_TYPE
            }
        }
    }


EXPORTS = also_as(LIST_FORMATS)


def content_type(media_type: str) -> str:
    """The Content-Type header: text formats have a charset."""
    return media_type if media_type in BINARY else f"{media_type}; charset=utf-8"


def attachment(name: str, media_type: str) -> dict[str, str]:
    """The header that makes browsers save a file, for formats that they do not display."""
    if media_type not in HEADERS:
        return {}
    return {"content-disposition": f'attachment; filename="{name}.{SUFFIXES[media_type]}"'}


def chosen(request: Request, format_: str | None, offers: Mapping[Any, str]) -> str:
    """The media type to send; `offers` maps the values of `format` to media types."""
    if format_:
        return offers[format_]
    header = ", ".join(request.headers.getlist("accept")) or None
    media_type = acceptable(header, tuple(offers.values()))
    if media_type is None:
        available = list(offers.values())
        raise NotAcceptableError(
            errors=[
                FieldError(
                    "header",
                    "Accept",
                    Message(
                        f"本网址提供 {'、'.join(available)}。",
                        f"This path provides {', '.join(available)}.",
                    ),
                    available,
                )
            ]
        )
    return media_type


def header_for(media_type: str, header: TableHeader | None) -> TableHeader:
    """The header of a table; raises InvalidParametersError if the format is not a table."""
    if header is None:
        return HEADERS.get(media_type, TableHeader.NAMES)
    if media_type not in HEADERS:
        message = Message(
            "header 只用于 csv 和 xlsx。", "header can only be used together with csv or xlsx."
        )
        raise InvalidParametersError(errors=[FieldError("query", "header", message)])
    return header
