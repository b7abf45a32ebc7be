"""Keys of those who write: shown once, stored as an HMAC (RFC 2104), revoked at once.

A key is `wp_`, 10 characters that name it, `_`, 256 random bits, and a checksum by which a typing
mistake is told from a key that is not known: `wp_5k2m8d0q1z_` + 64 + 8 hexadecimal digits.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.db.engine import Reader
from app.db.models import ApiKey
from app.enums import KeyRole
from app.http.problems import FieldError, Message, UnauthorizedError
from app.settings import Settings

KEY = re.compile(r"(wp_([0-9a-z]{10})_[0-9a-f]{64})([0-9a-f]{8})")
ID_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, lower case
SECRET_BYTES = 32
MISSING = Message(
    "请在 Authorization 头中给出密钥：Bearer wp_…",
    "Give your key in the Authorization header: Bearer wp_…",
)
MALFORMED = Message(
    "这不是完整的密钥：应为 Bearer wp_…，共 86 个字符；请检查是否抄漏。",
    "This is no whole key: it must be Bearer wp_…, 86 characters; perhaps some were lost in copying.",
)
UNKNOWN = Message("没有这个密钥。", "There is no such key.")
REVOKED = Message("密钥已吊销。", "The key was revoked.")
EXPIRED = Message("密钥已过期。", "The key has expired.")


# One row, without a session: this is asked at every request with a key.
STORED_KEY = select(*ApiKey.__table__.columns).where(ApiKey.id == bindparam("id"))


@dataclass(frozen=True)
class Caller:
    """Whose key it is."""

    key_id: str
    role: KeyRole
    agency_id: str | None
    last_used_at: datetime | None


def key_secret(settings: Settings) -> bytes | None:
    """The secret of keys, where there is one already."""
    if settings.key_secret:
        return settings.key_secret.get_secret_value().encode()
    with suppress(FileNotFoundError):
        return Path(settings.key_secret_file).read_bytes()
    return None


def server_secret(settings: Settings) -> bytes:
    """What HMACs are made with: WORKPLAN_KEY_SECRET, or a file that is made when it is missing."""
    if known := key_secret(settings):
        return known
    path = Path(settings.key_secret_file)
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    made.touch(mode=0o600)
    made.write_text(secrets.token_hex(SECRET_BYTES), "ascii")
    with suppress(FileExistsError):  # where another process was first
        path.hardlink_to(made)
    made.unlink()
    return path.read_bytes()


def new_key(random: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """A key that nobody has."""
    name = "".join(ID_ALPHABET[byte % len(ID_ALPHABET)] for byte in random(10))
    key = f"wp_{name}_{random(SECRET_BYTES).hex()}"
    return key + _checksum(key)


def key_id(key: str) -> str | None:
    """What a key is called; None where it is none, or was copied wrong."""
    found = KEY.fullmatch(key)
    return found[2] if found and hmac.compare_digest(found[3], _checksum(found[1])) else None


def digest(key: str, secret: bytes) -> str:
    """What is stored of a key."""
    return hmac.new(secret, key.encode(), hashlib.sha256).hexdigest()


def presented(authorization: str | None) -> str:
    """The key of this header; raises UnauthorizedError where it holds none (RFC 6750, section 2.1)."""
    if not authorization:
        raise _unauthorized(MISSING, presented=False)
    scheme, _, key = authorization.partition(" ")
    if scheme.lower() != "bearer" or key_id(key.strip()) is None:
        raise _unauthorized(MALFORMED)
    return key.strip()


async def authenticate(reader: Reader, key: str, secret: bytes, now: datetime) -> Caller:
    """Whose key it is; raises UnauthorizedError where it is not valid."""
    row = (await reader.execute(STORED_KEY, {"id": key_id(key)})).one_or_none()
    valid = _valid(row, key, secret, now)
    return Caller(valid.id, valid.role, valid.agency_id, valid.last_used_at)


def mark_used(session: Session, key: str, secret: bytes, now: datetime) -> None:
    """Record that a key is used; raises UnauthorizedError where it is not valid any more."""
    _valid(session.get(ApiKey, key_id(key)), key, secret, now).last_used_at = now


def _valid(row: Any, key: str, secret: bytes, now: datetime) -> Any:
    """The row of a key that is valid; raises UnauthorizedError."""
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
