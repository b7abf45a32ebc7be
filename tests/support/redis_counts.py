"""What the storage of `limits` does in Redis."""

import time
from collections import Counter


class RedisCounts:
    """Counts that several workers share."""

    def __init__(self, seconds_left: float = 30) -> None:
        self.seconds_left = seconds_left  # by the clock of its clients
        self.counted: Counter[str] = Counter()

    async def incr(self, key: str, window: int, amount: int) -> int:
        """Count, and return the sum."""
        self.counted[key] += amount
        return self.counted[key]

    async def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since 1970."""
        return time.time() + self.seconds_left
