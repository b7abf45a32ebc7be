"""Cursors: where a page ended, opaque and sealed.

A cursor holds the sort key of the last row given and a digest over it and the filters; one that was
changed, or belongs to other filters, is refused.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from fastapi import Request

from app.http.problems import FieldError, InvalidCursorError

DIGEST_BYTES = 12
LARGEST_INTEGER = 2**53  # what JSON carries exactly (RFC 8259, section 6)
NOT_FILTERS = ("cursor", "epoch", "format", "header", "lang", "limit")


def filters_of(request: Request) -> bytes:
    """What makes two lists the same list, whatever the order of the parameters."""
    given = [item for item in request.query_params.multi_items() if item[0] not in NOT_FILTERS]
    return json.dumps([request.url.path, sorted(given)]).encode()


def write_cursor(last: Iterable[Any], filters: bytes) -> str:
    """The cursor that continues after the row with these values."""
    values = [v.isoformat() if isinstance(v, date) else v for v in last]
    payload = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_digest(payload, filters) + payload).decode().rstrip("=")


def read_cursor(cursor: str, filters: bytes, kinds: Sequence[type]) -> list[Any]:
    """The values that it was written from; raises InvalidCursorError."""
    try:
        packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        canonical = base64.urlsafe_b64encode(packed).decode().rstrip("=") == cursor
        digest, payload = packed[:DIGEST_BYTES], packed[DIGEST_BYTES:]
        if not canonical or digest != _digest(payload, filters):
            raise invalid_cursor()
        values = json.loads(payload)
        return [_typed(value, kind) for value, kind in zip(values, kinds, strict=True)]
    except (binascii.Error, ValueError, TypeError):
        raise invalid_cursor() from None


def invalid_cursor() -> InvalidCursorError:
    """The problem, with its parameter named."""
    return InvalidCursorError(errors=[FieldError("query", "cursor", InvalidCursorError.meaning)])


def _digest(payload: bytes, filters: bytes) -> bytes:
    return hashlib.blake2b(payload, key=hashlib.sha256(filters).digest()).digest()[:DIGEST_BYTES]


def _typed(value: Any, kind: type) -> Any:
    if kind is datetime:
        return datetime.fromisoformat(value).astimezone(UTC)
    if kind is date:
        return date.fromisoformat(value)
    if kind is list:
        return [_typed(one, int) for one in [*value]]
    too_large = isinstance(value, int) and abs(value) > LARGEST_INTEGER
    if type(value) is not kind or too_large:
        raise TypeError(kind)
    return value
