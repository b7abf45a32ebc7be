"""Patterns: whether one matches whatever another does.

Both are parsed and compared part by part.  True is certain; False may only mean that the two are
built differently, since whether any two patterns match the same cannot be found out cheaply.
"""

import importlib
import re
from functools import cache
from typing import Any

# The standard library's own parser, which has no public name.
PARSER, OPS = importlib.import_module("re._parser"), importlib.import_module("re._constants")
MAX_CODE_POINT = 0x10FFFF
# A set of characters is a number with a bit for each.
EVERY = (1 << MAX_CODE_POINT + 1) - 1
REPEATS = (OPS.MAX_REPEAT, OPS.MIN_REPEAT)


def covers(wider: str, pattern: str) -> bool:
    """Whether `wider` matches all that `pattern` does, for certain."""
    if wider == pattern:
        return True
    try:
        one, other = PARSER.parse(wider), PARSER.parse(pattern)
    except (re.error, OverflowError, RecursionError):  # ECMA-262 has what Python has not
        return False
    return one.state.flags == other.state.flags and _sequence_covers(list(one), list(other))


def _sequence_covers(wider: list[Any], parts: list[Any]) -> bool:
    return len(wider) == len(parts) and all(map(_covers, wider, parts))


def _covers(wider: Any, part: Any) -> bool:
    """By the kind of the part; what is not known here must be the same."""
    characters, wide_characters = _characters(part), _characters(wider)
    if characters is not None:
        return wide_characters is not None and not characters & ~wide_characters
    (kind, value), (other_kind, other) = part, wider
    if kind in REPEATS and other_kind in REPEATS:
        least, most, repeated = value
        other_least, other_most, other_repeated = other
        within = other_least <= least and most <= other_most
        return within and _sequence_covers(list(other_repeated), list(repeated))
    if kind == other_kind == OPS.SUBPATTERN:
        *group, inside = value
        *other_group, other_inside = other
        return group == other_group and _sequence_covers(list(other_inside), list(inside))
    if kind == other_kind == OPS.BRANCH:
        choices, wide_choices = value[1], [list(one) for one in other[1]]
        return all(
            any(_sequence_covers(wide, list(one)) for wide in wide_choices) for one in choices
        )
    return repr(wider) == repr(part)


def _characters(part: Any) -> int | None:
    """The characters of a part that matches exactly one; None for any other part."""
    kind, value = part
    if kind == OPS.LITERAL:
        return _set(chr(value))
    if kind == OPS.NOT_LITERAL:
        return EVERY ^ _set(chr(value))
    if kind == OPS.ANY:
        return EVERY ^ _set("\n\r\u2028\u2029")
    if kind == OPS.IN:
        return _class(tuple(value))
    return None


@cache
def _class(items: tuple[Any, ...]) -> int:
    found, negated = 0, False
    for kind, value in items:
        if kind == OPS.NEGATE:
            negated = True
        elif kind == OPS.LITERAL:
            found |= 1 << value
        elif kind == OPS.RANGE:
            first, last = value
            found |= (1 << last + 1) - (1 << first)
        else:
            found |= CATEGORIES[value]
    return EVERY ^ found if negated else found


def _set(characters: str) -> int:
    found = 0
    for character in characters:
        found |= 1 << ord(character)
    return found


# As ECMA-262 has them, section 22.2.2.9, which is what patterns of a contract are written in.
DIGIT = _set("0123456789")
WORD = DIGIT | _set("ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz")
SPACE = _set(
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
CATEGORIES = {
    OPS.CATEGORY_DIGIT: DIGIT,
    OPS.CATEGORY_NOT_DIGIT: EVERY ^ DIGIT,
    OPS.CATEGORY_WORD: WORD,
    OPS.CATEGORY_NOT_WORD: EVERY ^ WORD,
    OPS.CATEGORY_SPACE: SPACE,
    OPS.CATEGORY_NOT_SPACE: EVERY ^ SPACE,
}
