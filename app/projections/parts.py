"""Long lists of values in parts, since the parameters of one statement are limited."""

from collections.abc import Iterator, Sequence
from typing import Any

MOST = 1000


def parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Parts of at most `MOST` values."""
    return (values[start : start + MOST] for start in range(0, len(values), MOST))
