"""What a worker remembers, bounded by bytes: requests may be long, so a number of them bounds nothing.

Ours and not `cachetools`, which cannot count what a key takes, in as few lines.
"""

import hashlib
from collections import OrderedDict
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")
ENTRY = 400  # bytes of an entry beside its key and value, measured and rounded up
LARGEST_SHARE = 8  # one entry may take this part of the room, at most


def digest(*parts: object) -> bytes:
    """A key of fixed size, for what may be long."""
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).digest()


class BoundedMap(Generic[K, V]):
    """A map of at most so many bytes; the least recently used entries make room for new ones."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.bytes = 0
        self.entries: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def get(self, key: K) -> V | None:
        """The value, which is used now."""
        if (entry := self.entries.get(key)) is None:
            return None
        self.entries.move_to_end(key)
        return entry[0]

    def put(self, key: K, value: V, size: int) -> None:
        """Keep a value; `size` is the bytes of key and value. What is too large is not kept."""
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
