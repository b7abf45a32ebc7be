"""Runs of text that a decoder of cp936 read one byte off, read again at the level of bytes.

An ASCII mark that is put *inside* a two-byte character makes its lead byte meet an illegal trail:
the decoder writes `?` for both, and pairs the bytes that follow wrongly until the next ASCII byte.
Pairs that cp936 does not map vanish.  So a run is a pattern over the true bytes:

    ?                 one lost lead byte (and the ASCII mark, which was never content)
    a character       the two bytes of that character, perhaps after pairs that vanished
    @ … ~, €          one byte that completes a character; here the run ends
    ? again           one lost byte; here the run ends
"""

import os
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")  # only single characters are looked up
from pypinyin import Style, pinyin

UNFOLDED = {"(": "（", ")": "）", ",": "，", ":": "：", ";": "；", "!": "！"}
PINYIN_LETTERS = "a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü"
SWALLOWED_PINYIN = re.compile(rf"([{PINYIN_LETTERS}]{{1,6}})\)")
EURO_BYTE = b"\x80"
LOST_BYTE = b"([\x81-\xfe])"


@dataclass(frozen=True)
class Decision:
    """What a person decided where bytes do not prove a character: a passage of the notice.

    A passage is in the script that was received, and begins before the characters that are lost.
    """

    passage: str
    reason: str


@dataclass(frozen=True)
class ShiftedRun:
    """One run as received, and the pattern that its true bytes must fit.

    `swallowed` has one entry for each `?`: the pinyin that stood in the mark, or None for a comma.
    """

    raw: str
    pattern: re.Pattern[bytes]
    swallowed: tuple[str | None, ...]


@dataclass(frozen=True)
class Reading:
    """A run read again; `proven[i]` says whether both bytes of `text[i]` are known."""

    text: str
    proven: tuple[bool, ...]
    decision: Decision | None


def gbk(text: str) -> bytes | None:
    """The bytes of a text in GBK, or None where a character has none."""
    try:
        return text.encode("gbk")
    except UnicodeEncodeError:
        return None


@cache
def vanishing_pair() -> bytes:
    """A pattern for one pair of bytes that cp936 does not map."""
    leads: dict[bytes, list[int]] = {}  # trails that vanish, as a class of bytes → leads
    for lead in range(0x81, 0xFF):
        trails = bytes(
            trail
            for trail in (*range(0x40, 0x7F), *range(0x80, 0xFF))
            if not _is_mapped(bytes([lead, trail]))
        )
        if trails:
            leads.setdefault(_byte_class(trails), []).append(lead)
    return b"(?:" + b"|".join(_byte_class(bytes(l)) + t for t, l in leads.items()) + b")"


def _byte_class(values: bytes) -> bytes:
    """A class of a pattern, with ranges for neighbours."""
    ranges: list[list[int]] = []
    for value in values:
        if ranges and value == ranges[-1][1] + 1:
            ranges[-1][1] = value
        else:
            ranges.append([value, value])
    parts = (
        b"\\x%02x" % first if first == last else b"\\x%02x-\\x%02x" % (first, last)
        for first, last in ranges
    )
    return b"[" + b"".join(parts) + b"]"


def _is_mapped(pair: bytes) -> bool:
    try:
        pair.decode("gbk")
    except UnicodeDecodeError:
        return False
    return True


@cache
def readings(character: str) -> frozenset[str]:
    """Every pinyin reading of one character, with tone marks."""
    return frozenset(pinyin(character, style=Style.TONE, heteronym=True)[0])


def find_run(line: str, start: int) -> ShiftedRun:
    """The run that begins with the `?` at `line[start]`."""
    pattern, swallowed = [], []
    position = start
    vanished = b"((?:" + vanishing_pair() + b")*)"

    def take_question_mark() -> None:
        nonlocal position
        position += 1
        mark = SWALLOWED_PINYIN.match(line, position)
        swallowed.append(mark[1] if mark else None)
        position = mark.end() if mark else position
        pattern.append(LOST_BYTE)

    take_question_mark()
    while position < len(line):
        character = line[position]
        pattern.append(vanished)
        if character == "?":
            take_question_mark()
            break
        position += 1
        if character == "€":
            pattern.append(b"(" + EURO_BYTE + b")")
            break
        if character.isascii() and character not in UNFOLDED:
            pattern.append(b"(" + re.escape(character.encode()) + b")")
            break
        pair = gbk(UNFOLDED.get(character, character)) or b"(?!)"
        # An ASCII comma is a folded one, or one that was inserted between two misread pairs.
        pattern.append(b"(" + re.escape(pair) + (b")?" if character == "," else b")"))
    return ShiftedRun(
        line[start:position], re.compile(b"".join(pattern), re.DOTALL), tuple(swallowed)
    )


def read_again(
    run: ShiftedRun,
    before: str,
    after: str,
    decisions: Sequence[Decision],
    doubled: Collection[str],
    known: Collection[str],
) -> Reading | None:
    """The true text of a run, or None where neither bytes nor a decision say it.

    `before` is the text of the line up to the run, `after` what was received behind it; `doubled` are the characters that carry pinyin
    elsewhere in this copy; `known` are all characters that the copy uses.
    """
    for decision in decisions:
        for text in _continuations(decision.passage, before, after):
            match = run.pattern.fullmatch(gbk(text) or b"")
            if match:
                proven = _proven_characters(run, match, text)
                return Reading(text, proven, None if all(proven) else decision)
    return _proven_by_pinyin(run, before, doubled, known)


def _continuations(passage: str, before: str, after: str) -> Iterator[str]:
    """What may stand in a passage between the text before a run and what was received behind it."""
    for start in range(len(passage)):
        if before.endswith(passage[:start]) if start else not before:
            for end in range(start + 1, len(passage) + 1):
                if _may_follow(passage[end:], after):
                    yield passage[start:end]


def _may_follow(expected: str, after: str) -> bool:
    """Whether what was received begins as expected, inserts and folding aside."""
    if not expected or (expected[0] == "，" and after.startswith(",")):
        return True
    received = re.sub(rf"^(?:\([{PINYIN_LETTERS}]+\)|,)*", "", after)[:1]
    return UNFOLDED.get(received, received) == expected[0]


def _proven_characters(run: ShiftedRun, match: re.Match[bytes], text: str) -> tuple[bool, ...]:
    """Which characters have both bytes in what was received."""
    known = bytearray(len(match[0]))
    for group in range(1, run.pattern.groups + 1):
        begin, end = match.span(group)
        # Odd groups are what was received, even ones what vanished; a `?` is a lost byte.
        lost_end = group == run.pattern.groups and len(run.swallowed) > 1
        if group % 2 == 1 and group > 1 and not lost_end and begin >= 0:
            known[begin:end] = b"\x01" * (end - begin)
    proven, position = [], 0
    for character in text:
        width = len(character.encode("gbk"))
        proven.append(all(known[position : position + width]))
        position += width
    return tuple(proven)


def _proven_by_pinyin(
    run: ShiftedRun, before: str, doubled: Collection[str], known: Collection[str]
) -> Reading | None:
    """Pinyin names the character whose bytes were matched, and so the lost byte.

    The match lay across two characters: the trail of the one before the run, and the lost byte.
    """
    last = gbk(before[-1:])
    if len(run.swallowed) != 1 or run.swallowed[0] is None or not last:
        return None
    named: set[bytes] = set()
    for characters in (doubled, known):  # those that carry pinyin elsewhere come first
        named = named or {
            pair[1:2]
            for character in characters
            if not character.isascii()
            and (pair := gbk(character))
            and pair[:1] == last[-1:]
            and run.swallowed[0] in readings(character)
        }
    if len(named) != 1:
        return None
    received = named.pop() + _received_bytes(run.raw)
    try:
        text = received.decode("gbk")
    except UnicodeDecodeError:
        return None
    # A pair that vanished would leave a rare character behind; then a person has to look.
    if not text or any(character not in known for character in text):
        return None
    return Reading(text, (True,) * len(text), None)


def _received_bytes(raw: str) -> bytes:
    mark = SWALLOWED_PINYIN.match(raw, 1)
    rest = raw[mark.end() :] if mark else raw[1:]
    return b"".join(EURO_BYTE if c == "€" else (gbk(UNFOLDED.get(c, c)) or b"\xff") for c in rest)
