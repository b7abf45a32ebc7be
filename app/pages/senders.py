"""How many error reports an address may send an hour.

Counted as other limits are: for all workers if `WORKPLAN_RATE_LIMIT_STORE` is set, else for each by
itself.  What is counted is a keyed digest of the address, which ends with its hour.
"""

import hashlib
import hmac
import math

from app.http.problems import Message
from app.http.quotas import RateLimitedError
from app.middleware.counts import Counts, InMemory, InRedis
from app.middleware.limits import site_of

MOST_AN_HOUR = 5
HOUR = 60 * 60  # seconds
TOO_MANY = Message(
    f"同一网络地址每小时最多报告 {MOST_AN_HOUR} 次；请稍后再试。",
    f"An address may report at most {MOST_AN_HOUR} errors an hour; try again later.",
)


class Senders:
    """The number of reports of each address in its hour, which its first report begins."""

    def __init__(self, store: str | None) -> None:
        self.counts: Counts = InRedis(store) if store else InMemory()

    async def count(self, address: str | None, secret: bytes) -> None:
        """Count a report; raises RateLimitedError."""
        key = hmac.digest(secret, b"error senders", "sha256")  # the same for all workers
        site = hashlib.blake2b(site_of(address).encode(), key=key, digest_size=8).hexdigest()
        count, left = await self.counts.add(f"error-reports/{site}", HOUR, 1)
        if count > MOST_AN_HOUR:
            raise RateLimitedError(math.ceil(left), TOO_MANY)
