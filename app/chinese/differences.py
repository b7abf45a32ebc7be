"""Differences of two texts, word by word: a word is a Chinese character, a Latin word, or a number.

By the longest common subsequence, whose rows are bits of integers (Hyyrö 2004): `difflib` takes
seconds for two texts of 4,000 characters, this some milliseconds, whatever they contain.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

Words = Sequence[str]
Pairs = list[tuple[int, int]]
WORD = re.compile(r"[A-Za-z]+|\d+(?:\.\d+)?|.", re.ASCII | re.DOTALL)
MOST_WORK = 10**8  # words of one text times words of the other: 30 ms, 13 MB


class Difference(NamedTuple):
    """A part of both texts, in code points; the range in a text that has it not is empty."""

    operation: str  # equal, inserted or deleted
    a: tuple[int, int]
    b: tuple[int, int]


def differences(a: str, b: str, most_work: int = MOST_WORK) -> list[Difference]:
    """The parts of two texts, in their order, of which each text can be put together.

    What takes more work is only divided into the same beginning and end and what lies between.
    """
    a_words, b_words = WORD.findall(a), WORD.findall(b)
    pairs = _pairs(a_words, b_words, is_bounded=work_of(a, b) <= most_work)
    found = []
    a_end = b_end = 0
    for is_equal, in_a, in_b in _runs(a_words, b_words, pairs):
        a_start, b_start = a_end, b_end
        a_end += sum(map(len, a_words[in_a]))
        b_end += sum(map(len, b_words[in_b]))
        if is_equal:
            found.append(Difference("equal", (a_start, a_end), (b_start, b_end)))
            continue
        if a_start < a_end:
            found.append(Difference("deleted", (a_start, a_end), (b_start, b_start)))
        if b_start < b_end:
            found.append(Difference("inserted", (a_end, a_end), (b_start, b_end)))
    return found


def work_of(a: str, b: str) -> int:
    """What comparing two texts takes at most, to be compared with `MOST_WORK`."""
    return len(a) * len(b)


def _runs(a: Words, b: Words, pairs: Pairs) -> Iterator[tuple[bool, slice, slice]]:
    """Equal and different runs of words, in turn."""
    a_at = b_at = 0
    for a_start, b_start, length in [*_equal_runs(a, b, pairs), (len(a), len(b), 0)]:
        if (a_at, b_at) != (a_start, b_start):
            yield False, slice(a_at, a_start), slice(b_at, b_start)
        a_at, b_at = a_start + length, b_start + length
        if length:
            yield True, slice(a_start, a_at), slice(b_start, b_at)


def _equal_runs(a: Words, b: Words, pairs: Pairs) -> list[tuple[int, int, int]]:
    """Start in both and length of each equal run.

    One character between two differences is no run: it is the same by chance.
    """
    runs: list[tuple[int, int, int]] = []
    for i, j in pairs:
        if runs and (i, j) == (runs[-1][0] + runs[-1][2], runs[-1][1] + runs[-1][2]):
            runs[-1] = (*runs[-1][:2], runs[-1][2] + 1)
        else:
            runs.append((i, j, 1))
    ends = (0, 0), (len(a) - 1, len(b) - 1)
    return [
        (i, j, length)
        for i, j, length in runs
        if length > 1 or len(a[i]) > 1 or not a[i].isalnum() or (i, j) in ends
    ]


def _pairs(a: Words, b: Words, *, is_bounded: bool) -> Pairs:
    """Positions of the words of a longest common subsequence; unbounded, of beginning and end."""
    least = min(len(a), len(b))
    start = next((i for i in range(least) if a[i] != b[i]), least)
    end = next((i for i in range(least - start) if a[-1 - i] != b[-1 - i]), least - start)
    middle = _pairs_between(a[start : len(a) - end], b[start : len(b) - end]) if is_bounded else []
    return [
        *((i, i) for i in range(start)),
        *((start + i, start + j) for i, j in middle),
        *((len(a) - end + i, len(b) - end + i) for i in range(end)),
    ]


def _pairs_between(a: Words, b: Words) -> Pairs:
    masks: dict[str, int] = {}
    for j, word in enumerate(b):
        masks[word] = masks.get(word, 0) | 1 << j
    every = row = (1 << len(b)) - 1
    rows = []  # of each word of `a`: a bit is 0 where the length of the subsequence rises
    for word in a:
        common = row & masks.get(word, 0)
        row = (row + common | row - common) & every
        rows.append(row)
    pairs = []
    i, j = len(a), len(b)
    while i and j:
        if rows[i - 1] >> j - 1 & 1:
            j -= 1
        else:
            i -= 1
            if not i or rows[i - 1] >> j - 1 & 1:
                j -= 1
                pairs.append((i, j))
    return pairs[::-1]
