"""How many error reports an address may send; nothing of it is stored.

A worker counts for itself, by keyed digests that end with it.
"""

import hashlib
import ipaddress
import secrets
from collections import deque
from datetime import datetime, timedelta

from app.http.problems import Message
from app.http.quotas import RateLimitedError

MOST_AN_HOUR = 5
MOST_SENDERS = 10_000  # remembered; the oldest are forgotten first
HOUR = timedelta(hours=1)
TOO_MANY = Message(
    f"同一网络地址每小时最多报告 {MOST_AN_HOUR} 次；请稍后再试。",
    f"An address may report at most {MOST_AN_HOUR} errors an hour; try again later.",
)


class Senders:
    """When each address has sent reports within the last hour."""

    def __init__(self) -> None:
        self.key = secrets.token_bytes(16)
        self.sent: dict[bytes, deque[datetime]] = {}

    def count(self, address: str, now: datetime) -> None:
        """Count a report; raises RateLimitedError."""
        sender = hashlib.blake2b(_network(address).encode(), key=self.key, digest_size=8).digest()
        times = self.sent.pop(sender, deque[datetime]())
        while times and times[0] <= now - HOUR:
            times.popleft()
        self.sent[sender] = times  # the latest is last
        if len(times) >= MOST_AN_HOUR:
            wait = times[0] + HOUR - now
            raise RateLimitedError(int(wait.total_seconds()) + 1, TOO_MANY)
        times.append(now)
        if len(self.sent) > MOST_SENDERS:
            del self.sent[next(iter(self.sent))]


def _network(address: str) -> str:
    """An IPv6 subscriber has a whole /64."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        mapped = found.ipv4_mapped
        return str(mapped or ipaddress.ip_network((found, 64), strict=False))
    return str(found)
