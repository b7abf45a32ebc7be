"""`Idempotency-Key`: a repeated request gets the first response and is not performed again.

Follows draft-ietf-httpapi-idempotency-key-header; the keys of two callers are independent.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select

from app.db.compiled import Read
from app.db.models import StoredResponse
from app.http.problems import (
    FieldError,
    IdempotencyKeyReusedError,
    InvalidParametersError,
    Message,
)
from app.writing.keys import Caller
from app.writing.statements import Needed, Shared
from app.writing.unit_of_work import WriteResponse

VISIBLE_ASCII = re.compile(r"[\x21-\x7e]{1,255}")
NEEDED = Message(
    "每个 POST 须带 Idempotency-Key：1–255 个可见 ASCII 字符，如 UUID；重试时不变。",
    "Every POST needs an Idempotency-Key: 1 to 255 visible ASCII characters, such as a "
    "UUID; send the same one when you repeat the request.",
)

STORED = Read(
    select(*StoredResponse.__table__.columns).where(
        StoredResponse.key_id == bindparam("key_id"),
        StoredResponse.idempotency_key == bindparam("idempotency_key"),
    )
)
STORE = insert(StoredResponse)


@dataclass(frozen=True)
class IdempotencyKey:
    """The client's name for a request, and a hash of the request that it names."""

    name: str
    fingerprint: str

    @classmethod
    def of(cls, header: str | None, method: str, path: str, body: bytes) -> "IdempotencyKey":
        """Raises InvalidParametersError if the header is missing or malformed."""
        if not header or not VISIBLE_ASCII.fullmatch(header):
            raise InvalidParametersError(errors=[FieldError("header", "Idempotency-Key", NEEDED)])
        request = f"{method} {path}\n".encode() + body
        return cls(header, hashlib.sha256(request).hexdigest())

    def needed(self, caller: Caller) -> Needed:
        """The read of the response under this key."""
        return STORED, {"key_id": caller.key_id, "idempotency_key": self.name}


class StoredResponses:
    """The responses that are stored for replay, with those of a transaction in progress."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self.new: dict[tuple[str, str], dict[str, Any]] = {}

    def replay(self, caller: Caller, key: IdempotencyKey) -> WriteResponse | None:
        """The response under a key; raises IdempotencyKeyReusedError if the request differs."""
        stored = self.new.get((caller.key_id, key.name))
        if stored is None:
            rows = self.shared.rows(*key.needed(caller))
            if not rows:
                return None
            stored = rows[0]._asdict()
        if stored["fingerprint"] != key.fingerprint:
            raise IdempotencyKeyReusedError
        headers = dict(zip(stored["headers"][::2], stored["headers"][1::2], strict=True))
        return WriteResponse(stored["status"], headers, stored["body"])

    def add(
        self, caller: Caller, key: IdempotencyKey, response: WriteResponse, now: datetime
    ) -> None:
        """Keep a response for `replay`, until `retention` removes it."""
        self.new[caller.key_id, key.name] = {
            "key_id": caller.key_id,
            "idempotency_key": key.name,
            "fingerprint": key.fingerprint,
            "status": response.status,
            "headers": [part for header in response.headers.items() for part in header],
            "body": response.body,
            "stored_at": now,
        }

    def store(self) -> None:
        """Store those that are new."""
        if self.new:
            self.shared.execute(STORE, list(self.new.values()))
