"""API keys for writing: shown once, stored as an HMAC (RFC 2104), revoked at once.

A key is `wp_`, an id of 10 characters, `_`, 256 random bits, and a checksum that distinguishes a
typing mistake from an unknown key: `wp_5k2m8d0q1z_` + 64 + 8 hexadecimal digits.
"""

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, select, update

from app.db.compiled import Read, Storing, Transaction, Values
from app.db.lookup import Lookup
from app.db.models import ApiKey
from app.enums import KeyRole
from app.http.problems import FieldError, Message, UnauthorizedError
from app.settings import Settings

KEY = re.compile(r"(wp_([0-9a-z]{10})_[0-9a-f]{64})([0-9a-f]{8})")
ID_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, lower case
SECRET_BYTES = 32
RECENT = 1.0  # seconds
MOST_RECENT = 1000  # keys of one worker
OF_A_JURISDICTION = (KeyRole.COORDINATOR, KeyRole.ASSESSOR)  # roles whose keys must have one
MISSING = Message(
    "请在 Authorization 头中给出密钥：Bearer wp_…",
    "Send your key in the Authorization header: Bearer wp_…",
)
MALFORMED = Message(
    "这不是完整的密钥：应为 Bearer wp_…，共 86 个字符；请检查是否抄漏。",
    "Malformed key: expected Bearer wp_…, 86 characters. Was it truncated when copied?",
)
UNKNOWN = Message("没有这个密钥。", "There is no such key.")
REVOKED = Message("密钥已吊销。", "The key was revoked.")
EXPIRED = Message("密钥已过期。", "The key has expired.")


STORED_KEY = Read(select(*ApiKey.__table__.columns).where(ApiKey.id == bindparam("id")))
USED = update(ApiKey).where(ApiKey.id == bindparam("key"))  # sets what is passed


@dataclass(frozen=True)
class Caller:
    """The key of a request, with its role, and its agency or government."""

    key_id: str
    role: KeyRole
    agency_id: str | None
    jurisdiction_code: str | None  # None for administrators: all governments
    last_used_at: datetime | None


def key_secret(settings: Settings) -> bytes | None:
    """The server secret for keys, if it exists."""
    if settings.key_secret:
        return settings.key_secret.get_secret_value().encode()
    with suppress(FileNotFoundError):
        return Path(settings.key_secret_file).read_bytes()
    return None


def server_secret(settings: Settings) -> bytes:
    """The secret for HMACs: WORKPLAN_KEY_SECRET, or a file that is created if missing."""
    if known := key_secret(settings):
        return known
    path = Path(settings.key_secret_file)
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    made.touch(mode=0o600)
    made.write_text(secrets.token_hex(SECRET_BYTES), "ascii")
    with suppress(FileExistsError):  # another process was first
        path.hardlink_to(made)
    made.unlink()
    return path.read_bytes()


def new_key(random: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """A new random key."""
    name = "".join(ID_ALPHABET[byte % len(ID_ALPHABET)] for byte in random(10))
    key = f"wp_{name}_{random(SECRET_BYTES).hex()}"
    return key + _checksum(key)


def key_id(key: str) -> str | None:
    """The id of a key; None if it is malformed or its checksum is wrong."""
    found = KEY.fullmatch(key)
    return found[2] if found and hmac.compare_digest(found[3], _checksum(found[1])) else None


def digest(key: str, secret: bytes) -> str:
    """The HMAC of a key, as stored."""
    return hmac.new(secret, key.encode(), hashlib.sha256).hexdigest()


def presented(authorization: str | None) -> str:
    """The key in this header; raises UnauthorizedError if there is none (RFC 6750, section 2.1)."""
    if not authorization:
        raise _unauthorized(MISSING, presented=False)
    scheme, _, key = authorization.partition(" ")
    if scheme.lower() != "bearer" or key_id(key.strip()) is None:
        raise _unauthorized(MALFORMED)
    return key.strip()


class RecentKeys:
    """Rows of keys as they were at most a second ago.

    For requests whose key the writer checks again, in the transaction that may store something.
    """

    def __init__(self, keys: Lookup, now: Callable[[], float] = time.monotonic) -> None:
        self.keys, self.now = keys, now
        self.rows: dict[str, tuple[float, Any]] = {}

    async def row(self, id_: str) -> Any:
        """As `Lookup.row`."""
        until, row = self.rows.get(id_, (0.0, None))
        if self.now() >= until:
            row = await self.keys.row(id_)
            if len(self.rows) >= MOST_RECENT:
                self.rows.clear()
            if row is not None:
                self.rows[id_] = self.now() + RECENT, row
        return row

    async def close(self) -> None:
        """The lookup belongs to the app."""


async def authenticate(
    keys: Lookup, key: str, secret: bytes, now: datetime, home: str | None
) -> Caller:
    """The caller with this key; raises UnauthorizedError if it is not valid."""
    valid = _valid(await keys.row(key_id(key) or ""), key, secret, now)
    jurisdiction = valid.jurisdiction_code
    if valid.role in OF_A_JURISDICTION:  # of releases before 0.6.0 if it has none
        jurisdiction = jurisdiction or home
    return Caller(valid.id, valid.role, valid.agency_id, jurisdiction, valid.last_used_at)


def needed_to_check(key: str) -> tuple[Read, Values]:
    """What `valid_key` reads."""
    return STORED_KEY, {"id": key_id(key)}


def valid_key(to: Transaction, key: str, secret: bytes, now: datetime) -> Any:
    """The row of a key; raises UnauthorizedError if it is not valid."""
    rows = to.rows(*needed_to_check(key))
    return _valid(rows[0] if rows else None, key, secret, now)


def is_first_use(last_used_at: datetime | None, now: datetime) -> bool:
    """Whether a use is the first of its day, which is recorded."""
    return last_used_at is None or last_used_at.date() < now.date()


def mark_used(to: Storing, keys: Iterable[tuple[str, datetime]]) -> None:
    """Record when keys were used, by their ids."""
    rows = [{"key": id_, "last_used_at": at} for id_, at in keys]
    if rows:
        to.execute(USED, rows)


def _valid(row: Any, key: str, secret: bytes, now: datetime) -> Any:
    """The row of a valid key; raises UnauthorizedError."""
    if row is None or not hmac.compare_digest(row.digest, digest(key, secret)):
        raise _unauthorized(UNKNOWN)
    if row.revoked_at and row.revoked_at <= now:
        raise _unauthorized(REVOKED)
    if row.expires_at <= now:
        raise _unauthorized(EXPIRED)
    return row


def _checksum(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def _unauthorized(message: Message, *, presented: bool = True) -> UnauthorizedError:
    challenge = 'Bearer realm="workplan"' + (', error="invalid_token"' if presented else "")
    return UnauthorizedError(
        errors=[FieldError("header", "Authorization", message)],
        headers={"WWW-Authenticate": challenge},
    )
