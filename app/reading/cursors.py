"""Cursors: where a page ended; opaque, with a checksum.

A cursor holds the sort key of the last row and a checksum over it and the filters, so a cursor that
was altered or belongs to other filters is rejected.  The checksum guards against mistakes and is no
signature: a cursor gives access to nothing.
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

CHECKSUM_BYTES = 12
LARGEST_INTEGER = 2**53  # what JSON carries exactly (RFC 8259, section 6)
NOT_FILTERS = ("cursor", "epoch", "format", "header", "lang", "limit")


def filters_of(request: Request) -> bytes:
    """The path and filters of a list; the same for any order of the parameters."""
    params = [item for item in request.query_params.multi_items() if item[0] not in NOT_FILTERS]
    return json.dumps([request.url.path, sorted(params)]).encode()


def write_cursor(last: Iterable[Any], filters: bytes) -> str:
    """The cursor that continues after the row with these values."""
    values = [v.isoformat() if isinstance(v, date) else v for v in last]
    payload = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_checksum(payload, filters) + payload).decode().rstrip("=")


def read_cursor(cursor: str, filters: bytes, kinds: Sequence[type]) -> list[Any]:
    """The values in a cursor; raises InvalidCursorError."""
    try:
        packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        canonical = base64.urlsafe_b64encode(packed).decode().rstrip("=") == cursor
        checksum, payload = packed[:CHECKSUM_BYTES], packed[CHECKSUM_BYTES:]
        if not canonical or checksum != _checksum(payload, filters):
            raise invalid_cursor()
        values = json.loads(payload)
        return [_typed(value, kind) for value, kind in zip(values, kinds, strict=True)]
    except (binascii.Error, ValueError, TypeError):
        raise invalid_cursor() from None


def invalid_cursor() -> InvalidCursorError:
    """The problem, with its parameter named."""
    return InvalidCursorError(errors=[FieldError("query", "cursor", InvalidCursorError.meaning)])


def _checksum(payload: bytes, filters: bytes) -> bytes:
    return hashlib.blake2b(payload, key=hashlib.sha256(filters).digest()).digest()[:CHECKSUM_BYTES]


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
