"""A least-recently-used cache that is bounded by bytes, since entries differ much in size.

Ours and not `cachetools`, which does not count the bytes of keys.
"""

import hashlib
from collections import OrderedDict
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")
ENTRY = 400  # bytes of an entry besides its key and value, measured and rounded up
LARGEST_SHARE = 8  # one entry may take at most 1/8 of the bytes


def digest(*parts: object) -> bytes:
    """A key of fixed size for parts that may be long."""
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).digest()


class BoundedMap(Generic[K, V]):
    """A map of at most `most_bytes` bytes; the least recently used entries are evicted."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.bytes = 0
        self.entries: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def get(self, key: K) -> V | None:
        """The value, which becomes the most recently used."""
        if (entry := self.entries.get(key)) is None:
            return None
        self.entries.move_to_end(key)
        return entry[0]

    def put(self, key: K, value: V, size: int) -> None:
        """Cache a value, unless it is too large; `size` is the bytes of key and value."""
        _, replaced = self.entries.pop(key, (None, 0))
        self.bytes -= replaced
        size += ENTRY
        if size * LARGEST_SHARE > self.most_bytes:
            return
        self.entries[key] = value, size
        self.bytes += size
        while self.bytes > self.most_bytes:
            _, (_, freed) = self.entries.popitem(last=False)
            self.bytes -= freed
